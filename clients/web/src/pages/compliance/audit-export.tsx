import type { AuditExportPurpose } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { type AuditSearch, exportAuditEvents } from '../../api/audit-api.ts';
import { useAct } from '../../hooks/use-act.ts';
import { saveFile } from '../../save-file.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { FormEnd } from '../../ui/form-end.tsx';
import '../../ui/rows.css';

const PURPOSES: Record<AuditExportPurpose, string> = {
  'patient-request': 'A patient asked for it',
  investigation: 'To find out what happened',
  legal: 'A court or an authority asked for it',
  review: 'A regular review',
};

/** A copy of what was found, for a reason that stays in the trail. */
export const AuditExportDialog = (props: {
  search: AuditSearch;
  onClose: () => void;
  onDone: (words: string) => void;
}): JSX.Element => {
  const [purpose, setPurpose] = useState<AuditExportPurpose>('review');
  const act = useAct();
  return (
    <Dialog title="Download what was found" onClose={props.onClose}>
      <form
        class="rule-form"
        data-testid="export-form"
        onSubmit={(event) => {
          event.preventDefault();
          void act.run(
            { ...props.search, purpose },
            () => exportAuditEvents(props.search, purpose),
            (file) => {
              saveFile(file, 'audit-trail.csv');
              props.onDone('The entries are in your downloads.');
            },
          );
        }}
      >
        <p>
          A table for a spreadsheet with everything that this search finds, up to 50,000 entries. It names patients:
          keep it where only those who need it can open it.
        </p>
        <Field label="What for" hint="Stays in the audit trail with your name.">
          <select
            class="select"
            value={purpose}
            data-testid="export-purpose"
            onChange={(event) => setPurpose(event.currentTarget.value as AuditExportPurpose)}
          >
            {Object.entries(PURPOSES).map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </select>
        </Field>
        <FormEnd
          problem={act.error?.message}
          send="Download"
          sending="One moment…"
          busy={act.busy}
          testId="export-get"
          onClose={props.onClose}
        />
      </form>
    </Dialog>
  );
};
