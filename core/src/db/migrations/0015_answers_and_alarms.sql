-- Messages about more than visits: a patient hears that their request for correction is answered, compliance that a record
-- was opened in an emergency.
ALTER TABLE notifications
  ADD COLUMN correction_request_id uuid,
  ADD COLUMN emergency_access_id uuid REFERENCES emergency_accesses (id),
  ADD FOREIGN KEY (organization_id, correction_request_id) REFERENCES correction_requests (organization_id, id),
  DROP CONSTRAINT notifications_check,
  DROP CONSTRAINT notifications_kind_check;
ALTER TABLE notifications
  ADD CONSTRAINT notifications_about_one_check
    CHECK (num_nonnulls(appointment_id, waitlist_offer_id, correction_request_id, emergency_access_id) = 1),
  ADD CONSTRAINT notifications_kind_check CHECK (kind IN ('booked', 'reminder-day', 'reminder-hour', 'rescheduled',
    'cancelled', 'offer', 'correction-answered', 'emergency-opened'));
DROP INDEX notifications_once;
CREATE UNIQUE INDEX notifications_once ON notifications
  (coalesce(appointment_id, waitlist_offer_id, correction_request_id, emergency_access_id), person_id, kind, channel);

-- Whoever plans and sends messages finds out to whom these go: whose request it is, and who keeps watch.
CREATE POLICY notifications_select ON correction_requests FOR SELECT TO bedside_app
  USING ((SELECT scope_purpose()) = 'notifications');
CREATE POLICY notifications_select ON emergency_accesses FOR SELECT TO bedside_app
  USING ((SELECT scope_purpose()) = 'notifications');
CREATE POLICY notifications_select ON account_roles FOR SELECT TO bedside_app
  USING ((SELECT scope_purpose()) = 'notifications' AND role IN ('compliance', 'admin'));

-- Days that are laid out anew tell of time that opened, as a provider's own change does.
CREATE POLICY calendar_insert ON outbox_events FOR INSERT TO bedside_app
  WITH CHECK ((SELECT scope_purpose()) = 'calendar' AND topic = 'provider.opened'
    AND organization_id = (SELECT scope_organization()));
