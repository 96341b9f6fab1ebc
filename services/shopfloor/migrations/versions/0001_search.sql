-- Text search over work orders. Row-level security keeps text operators away from indexes (they are
-- not leakproof), so the search is a function of a role of its own that names the tenant itself.

CREATE EXTENSION IF NOT EXISTS btree_gin;

-- Accents, case and punctuation make no difference; the collation knows every script.
CREATE FUNCTION search_words(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN regexp_replace(
  lower(unaccent('unaccent'::regdictionary, value) COLLATE "pg_c_utf8"),
  '[^[:alnum:]]+', ' ', 'g');

-- The same, but what punctuation holds together stays one word: WO-2026-17 is wo202617.
CREATE FUNCTION search_codes(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN regexp_replace(
  lower(unaccent('unaccent'::regdictionary, value) COLLATE "pg_c_utf8"),
  '[^[:alnum:] ]+', '', 'g');

-- What words and prefixes are looked up in: codes whole and by their parts, and the text.
-- A: the order's own numbers, B: those of others, C: the text.
CREATE FUNCTION search_vector_of(own_codes text, other_codes text, prose text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN
  setweight(to_tsvector('simple'::regconfig,
    search_words(own_codes) || ' ' || search_codes(own_codes)), 'A')
  || setweight(to_tsvector('simple'::regconfig,
    search_words(other_codes) || ' ' || search_codes(other_codes)), 'B')
  || setweight(to_tsvector('simple'::regconfig, search_words(prose)), 'C');

CREATE FUNCTION work_order_search_vector(
  number text, sap text, production_order text, sales_order text, product text,
  product_name text, description text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN search_vector_of(
  number || ' ' || coalesce(sap, ''),
  coalesce(production_order, '') || ' ' || coalesce(sales_order, '') || ' ' || coalesce(product, ''),
  coalesce(product_name, '') || ' ' || coalesce(description, ''));

-- Every word in which two neighbours changed places: few trigrams of a short word survive that.
CREATE FUNCTION search_swaps(word text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN ARRAY(
  SELECT substr(word, 1, i - 1) || substr(word, i + 1, 1) || substr(word, i, 1)
    || substr(word, i + 2)
  FROM generate_series(1, length(word) - 1) AS i);

-- Every code that one wrong, missing, needless or swapped character may have been meant for.
CREATE FUNCTION search_edits(code text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN search_swaps(code) || ARRAY(
  SELECT DISTINCT substr(code, 1, i - 1) || letter || substr(code, i + cut)
  FROM generate_series(1, length(code) + 1) AS i,
    regexp_split_to_table('0123456789abcdefghijklmnopqrstuvwxyz', '') AS letter,
    generate_series(0, 1) AS cut
  UNION SELECT substr(code, 1, i - 1) || substr(code, i + 1)
  FROM generate_series(1, length(code)) AS i);
