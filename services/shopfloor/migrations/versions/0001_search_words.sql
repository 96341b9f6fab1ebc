-- The words of a tenant's work orders, kept by the database itself: what a mistyped word was meant
-- for is looked up among some thousand words instead of a million rows. Codes are not among them.

CREATE FUNCTION keep_new_work_order_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO work_order_words (tenant_id, word)
  SELECT DISTINCT n.tenant_id, word
  FROM new_work_orders AS n, unnest(tsvector_to_array(n.search_vector)) AS word
  WHERE word !~ '[0-9]'
  ORDER BY n.tenant_id, word
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;

CREATE FUNCTION keep_changed_work_order_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO work_order_words (tenant_id, word)
  SELECT NEW.tenant_id, word FROM unnest(tsvector_to_array(NEW.search_vector)) AS word
  WHERE word !~ '[0-9]'
  ORDER BY word
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;

CREATE TRIGGER work_orders_new_words AFTER INSERT ON work_orders
REFERENCING NEW TABLE AS new_work_orders
FOR EACH STATEMENT EXECUTE FUNCTION keep_new_work_order_words();

CREATE TRIGGER work_orders_changed_words AFTER UPDATE ON work_orders
FOR EACH ROW WHEN (OLD.search_vector IS DISTINCT FROM NEW.search_vector)
EXECUTE FUNCTION keep_changed_work_order_words();

-- The planner chooses between newest-first and the index by how common a word is: it must know.
ALTER TABLE work_orders ALTER COLUMN search_vector SET STATISTICS 500;
