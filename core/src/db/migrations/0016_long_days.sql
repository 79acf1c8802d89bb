-- Days that are open for very long are few; all others that have begun by an instant began in the hours before it. A
-- search asks here whether it has to look back further than those (core/src/scheduling/slot-search-store.ts).
CREATE INDEX slot_days_long ON slot_days (organization_id, first_open_at)
  WHERE last_open_at - first_open_at > interval '16 hours';
