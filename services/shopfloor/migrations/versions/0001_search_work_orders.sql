-- What a word may have been meant for, as alternatives of a text query; NULL where nothing is close.
-- Words: similar ones (trigrams) and those with two neighbours swapped, among the tenant's words.
-- Codes: one character wrong, missing, needless or swapped, among its numbers and SAP numbers.
CREATE FUNCTION search_alternatives(tenant uuid, typed text) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp
SET pg_trgm.similarity_threshold = 0.35
AS $$
BEGIN
  IF typed ~ '[0-9]' THEN
    RETURN (
      SELECT string_agg(near.code, ' | ') FROM (
        (SELECT search_codes(w.work_order_number) AS code FROM work_orders w
          WHERE w.tenant_id = tenant
            AND search_codes(w.work_order_number) = ANY (search_edits(typed)) LIMIT 10)
        UNION
        (SELECT search_codes(w.sap_production_order) FROM work_orders w
          WHERE w.tenant_id = tenant
            AND search_codes(w.sap_production_order) = ANY (search_edits(typed)) LIMIT 10)
      ) AS near
      WHERE length(typed) BETWEEN 3 AND 24);
  END IF;
  RETURN (
    SELECT string_agg(near.word, ' | ') FROM (
      SELECT v.word FROM work_order_words v
      WHERE v.tenant_id = tenant AND (v.word % typed OR v.word = ANY (search_swaps(typed)))
      ORDER BY v.word = ANY (search_swaps(typed)) DESC, similarity(v.word, typed) DESC, v.word
      LIMIT 3
    ) AS near);
END $$;

-- The best work orders for what somebody typed, with a score; nothing where nothing was typed.
--
-- Every word must match. Three questions are asked of the index, from the surest to the vaguest;
-- the first two are answered together, the last only where they find nothing:
--   whole words   4,000,000 + rank   words as they stand, codes whole or by their parts
--   prefixes      2,000,000 + rank   words that begin with what was typed
--   alternatives  1,000,000 + rank   what mistyped words may have been meant for
-- Each question takes the `most` newest candidates, so that a word that stands in every order costs
-- no more than a rare one. EXECUTE plans each question for its words: a common one walks the primary
-- key backward, a rare one reads the index.
CREATE FUNCTION search_work_orders(
  asked text, only_status text, only_priority text, only_type text, only_plants text[],
  only_project text, only_production_order uuid, only_sales_order text, most integer)
RETURNS TABLE (work_order_id uuid, score bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
  tenant uuid := current_tenant();
  question text := '
    SELECT c.id, $9 + round(ts_rank(c.search_vector, $10) * 1000000)::bigint
    FROM (
      SELECT w.id, w.search_vector FROM work_orders w
      WHERE w.tenant_id = $1 AND w.search_vector @@ $10
        AND ($11 IS NULL OR NOT w.search_vector @@ $11)
        AND ($2 IS NULL OR w.status = $2)
        AND ($3 IS NULL OR w.priority = $3)
        AND ($4 IS NULL OR w.operation_type = $4)
        AND ($5 IS NULL OR w.plant_code = ANY ($5))
        AND ($6 IS NULL OR w.project_number = $6)
        AND ($7 IS NULL OR w.production_order_id = $7)
        AND ($8 IS NULL OR w.sales_order_number = $8)
      ORDER BY w.id DESC LIMIT $12) AS c';
  typed text[];
  whole_words tsquery;
  prefixes tsquery;
  alternatives tsquery;
  found_count bigint;
BEGIN
  SELECT
    array_agg(compact),
    to_tsquery('simple', string_agg(format('(%s | (%s))', compact, parts), ' & ')),
    to_tsquery('simple', string_agg(
      CASE compact
        WHEN parts THEN compact || ':*'
        ELSE format('(%s:* | (%s:*))', compact, parts)
      END, ' & '))
  INTO typed, whole_words, prefixes
  FROM (
    SELECT replace(words, ' ', '') AS compact, replace(words, ' ', ' & ') AS parts
    FROM (
      SELECT trim(search_words(part)) AS words
      FROM regexp_split_to_table(asked, '\s+') AS part LIMIT 10) AS given
    WHERE words <> '') AS terms;
  IF whole_words IS NULL THEN
    RETURN;
  END IF;

  RETURN QUERY EXECUTE question USING tenant, only_status, only_priority, only_type, only_plants,
    only_project, only_production_order, only_sales_order,
    4000000::bigint, whole_words, NULL::tsquery, most;
  GET DIAGNOSTICS found_count = ROW_COUNT;
  IF found_count >= most THEN
    RETURN;
  END IF;
  RETURN QUERY EXECUTE question USING tenant, only_status, only_priority, only_type, only_plants,
    only_project, only_production_order, only_sales_order,
    2000000::bigint, prefixes, whole_words, most;
  IF FOUND OR found_count > 0 THEN
    RETURN;
  END IF;

  SELECT to_tsquery('simple', string_agg(
    '(' || concat_ws(' | ', word || ':*', search_alternatives(tenant, word)) || ')', ' & '))
  INTO alternatives FROM unnest(typed) AS word;
  RETURN QUERY EXECUTE question USING tenant, only_status, only_priority, only_type, only_plants,
    only_project, only_production_order, only_sales_order,
    1000000::bigint, alternatives, NULL::tsquery, most;
END $$;
