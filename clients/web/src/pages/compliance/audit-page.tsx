import type { AuditEvent, AuditOutcome, PersonSummary } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { type AuditSearch, fetchAuditEvents } from '../../api/audit-api.ts';
import { usePages } from '../../hooks/use-pages.ts';
import { useTitle } from '../../hooks/use-title.ts';
import { me } from '../../session.ts';
import { zoneName } from '../../text/time.ts';
import { addDays, instantOf, isoInstant } from '../../text/zoned.ts';
import { Field } from '../../ui/field.tsx';
import { Loading, Notice } from '../../ui/notice.tsx';
import { isCompliance, isDesk, StaffFrame } from '../../ui/staff-frame.tsx';
import { PatientPicker } from '../desk/patient-picker.tsx';
import { NotFoundPage } from '../not-found-page.tsx';
import '../../ui/rows.css';
import '../desk/desk.css';
import '../schedule/schedule.css';
import './audit.css';
import { EmergencyList } from '../relationships/emergency-list.tsx';
import { DoneLine } from '../schedule/done-line.tsx';
import { AuditEvents } from './audit-events.tsx';
import { AuditExportDialog } from './audit-export.tsx';
import { TrailStatus } from './audit-status.tsx';

/** What the page looks for, in the words of its form. */
interface AuditForm {
  readonly patient: Pick<PersonSummary, 'id' | 'displayName'> | undefined;
  readonly person: Pick<PersonSummary, 'id' | 'displayName'> | undefined;
  readonly from: string;
  readonly to: string;
  readonly outcome: AuditOutcome | undefined;
}

const NOTHING: AuditForm = { patient: undefined, person: undefined, from: '', to: '', outcome: undefined };

const searchOf = (form: AuditForm, zone: string): AuditSearch => ({
  ...(form.patient && { patientId: form.patient.id }),
  ...(form.person && { personId: form.person.id }),
  ...(form.from && { from: isoInstant(instantOf(form.from, '00:00', zone)) }),
  ...(form.to && { to: isoInstant(instantOf(addDays(form.to, 1), '00:00', zone)) }),
  ...(form.outcome && { outcome: form.outcome }),
});

export const AuditPage = (): JSX.Element => (isCompliance() ? <Trail /> : <NotFoundPage />);

/** Who did what with whose record, when and from where. Looking here is written down too. */
const Trail = (): JSX.Element => {
  useTitle('Audit trail');
  const zone = me.value?.timeZone ?? 'UTC';
  const [form, setForm] = useState(NOTHING);
  const [exporting, setExporting] = useState(false);
  const [done, setDone] = useState('');
  const search = searchOf(form, zone);
  const { items, error, more } = usePages<AuditEvent>(async (before) => {
    const { events, next } = await fetchAuditEvents(search, before);
    return { items: events, ...(next !== null && { next }) };
  }, JSON.stringify(search));
  const set = (change: Partial<AuditForm>) => setForm({ ...form, ...change });
  return (
    <StaffFrame wide>
      <div class="schedule">
        <div class="schedule__head">
          <div>
            <h1>Audit trail</h1>
            <p class="soft">
              Who did what with whose record. Looking here is written down too. Times are in {zoneName(zone)}.
            </p>
          </div>
          <button
            type="button"
            class="button button--secondary"
            data-testid="audit-export"
            onClick={() => setExporting(true)}
          >
            Download
          </button>
        </div>
        <DoneLine words={done} />
        <EmergencyList />
        <TrailStatus />
        <div class="audit-form">
          {isDesk() && !form.patient && <PatientPicker patient={undefined} onPick={(patient) => set({ patient })} />}
          <div class="fields">
            <Field label="From (first day)">
              <input
                type="date"
                class="input"
                value={form.from}
                data-testid="audit-from"
                onInput={(event) => set({ from: event.currentTarget.value })}
              />
            </Field>
            <Field label="Until (last day)">
              <input
                type="date"
                class="input"
                min={form.from}
                value={form.to}
                data-testid="audit-to"
                onInput={(event) => set({ to: event.currentTarget.value })}
              />
            </Field>
            <Field label="Result">
              <select
                class="select"
                value={form.outcome ?? ''}
                data-testid="audit-outcome"
                onChange={({ currentTarget: { value } }) =>
                  set({ outcome: value === 'success' || value === 'denied' ? value : undefined })
                }
              >
                <option value="">All</option>
                <option value="success">Done</option>
                <option value="denied">Refused</option>
              </select>
            </Field>
          </div>
          <div class="row">
            <Only words="About" who={form.patient} onAll={() => set({ patient: undefined })} />
            <Only words="By" who={form.person} onAll={() => set({ person: undefined })} />
          </div>
        </div>
        {error && <Notice tone="danger">{error.message}</Notice>}
        {!items && !error && <Loading words="Looking it up…" />}
        {items?.length === 0 && <p class="soft">Nothing was found.</p>}
        {items && items.length > 0 && (
          <AuditEvents
            events={items}
            zone={zone}
            onPerson={(person) => set({ person })}
            onPatient={(patient) => set({ patient })}
          />
        )}
        {more && (
          <p>
            <button type="button" class="button button--secondary" data-testid="audit-more" onClick={more}>
              Show earlier
            </button>
          </p>
        )}
      </div>
      {exporting && (
        <AuditExportDialog
          search={search}
          onClose={() => setExporting(false)}
          onDone={(words) => {
            setExporting(false);
            setDone(words);
          }}
        />
      )}
    </StaffFrame>
  );
};

/** One of the filters that somebody was picked for, with the way back. */
const Only = (props: {
  words: string;
  who: Pick<PersonSummary, 'displayName'> | undefined;
  onAll: () => void;
}): JSX.Element | null =>
  props.who ? (
    <button type="button" class="button button--secondary" data-testid="audit-all" onClick={props.onAll}>
      {props.words}: {props.who.displayName}
      <span aria-hidden="true"> ×</span>
      <span class="visually-hidden">, show all again</span>
    </button>
  ) : null;
