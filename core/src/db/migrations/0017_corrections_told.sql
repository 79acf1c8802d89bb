-- A patient hears, too, that the answer to their request for correction takes longer, and that the clinic has answered their
-- disagreement.
ALTER TABLE notifications
  DROP CONSTRAINT notifications_kind_check,
  ADD CONSTRAINT notifications_kind_check CHECK (kind IN ('booked', 'reminder-day', 'reminder-hour', 'rescheduled',
    'cancelled', 'offer', 'correction-extended', 'correction-answered', 'correction-rebutted', 'emergency-opened'));
