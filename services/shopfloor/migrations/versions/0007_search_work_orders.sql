DROP FUNCTION search_work_orders(text, text, text, text, text[], text, uuid, text, integer);

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
  only_project text, only_production_order uuid, only_sales_order text, only_product text,
  only_department text, only_sap text, only_assigned_to uuid, only_these uuid[],
  due_from date, due_until date, only_active boolean, most integer)
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
        AND ($13 IS NULL OR w.product_code = $13)
        AND ($14 IS NULL OR w.department_code = $14)
        AND ($15 IS NULL OR w.sap_production_order = $15)
        AND ($16 IS NULL OR w.assigned_to = $16)
        AND ($17 IS NULL OR w.id = ANY ($17))
        AND ($18 IS NULL OR w.due_date >= $18)
        AND ($19 IS NULL OR w.due_date <= $19)
        AND ($20 IS NULL OR (w.status IN (''planned'', ''released'', ''in_progress'')) = $20)
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
    4000000::bigint, whole_words, NULL::tsquery, most,
    only_product, only_department, only_sap, only_assigned_to, only_these, due_from, due_until,
    only_active;
  GET DIAGNOSTICS found_count = ROW_COUNT;
  IF found_count >= most THEN
    RETURN;
  END IF;
  RETURN QUERY EXECUTE question USING tenant, only_status, only_priority, only_type, only_plants,
    only_project, only_production_order, only_sales_order,
    2000000::bigint, prefixes, whole_words, most,
    only_product, only_department, only_sap, only_assigned_to, only_these, due_from, due_until,
    only_active;
  IF FOUND OR found_count > 0 THEN
    RETURN;
  END IF;

  SELECT to_tsquery('simple', string_agg(
    '(' || concat_ws(' | ', word || ':*', search_alternatives(tenant, word)) || ')', ' & '))
  INTO alternatives FROM unnest(typed) AS word;
  RETURN QUERY EXECUTE question USING tenant, only_status, only_priority, only_type, only_plants,
    only_project, only_production_order, only_sales_order,
    1000000::bigint, alternatives, NULL::tsquery, most,
    only_product, only_department, only_sap, only_assigned_to, only_these, due_from, due_until,
    only_active;
END $$;
