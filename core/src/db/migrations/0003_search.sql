-- A search in the evening passes over the days that are over by then: their end is in the index, so that their rows are
-- not read.
DROP INDEX slot_days_search;
DROP INDEX slot_days_specialty;
CREATE INDEX slot_days_search ON slot_days (organization_id, first_open_at, provider_id, last_open_at);
CREATE INDEX slot_days_specialty ON slot_days (organization_id, specialty, first_open_at, provider_id, last_open_at);

-- Group sessions that can be joined.
CREATE INDEX appointments_sessions ON appointments (organization_id, visit_type_id, starts_at, id)
  WHERE patient_id IS NULL AND status = 'booked';
