-- What is done beside requests looks at these: the visit that another was moved to, visits under way, the line as a whole.

CREATE INDEX appointments_rescheduled_to ON appointments (rescheduled_to) WHERE rescheduled_to IS NOT NULL;
CREATE INDEX encounters_under_way ON encounters (started_at) WHERE status = 'in-progress';
CREATE INDEX waitlist_entries_order ON waitlist_entries (organization_id, position) WHERE status = 'waiting';
-- A hold that goes lets its offer know.
CREATE INDEX waitlist_offers_hold ON waitlist_offers (hold_id) WHERE hold_id IS NOT NULL;
