import type { RecordFormat } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { askForRecord, fetchRecordFile } from '../../api/rights-api.ts';
import { useAct } from '../../hooks/use-act.ts';
import { useTitle } from '../../hooks/use-title.ts';
import { saveFile } from '../../save-file.ts';
import { Choice, Choices } from '../../ui/choices.tsx';
import { Notice } from '../../ui/notice.tsx';
import { PersonFrame } from '../../ui/person-frame.tsx';
import { DoneLine } from '../schedule/done-line.tsx';
import '../schedule/schedule.css';
import './privacy.css';

const FORMATS: readonly { format: RecordFormat; file: string; title: string; about: string }[] = [
  { format: 'html', file: 'record.html', title: 'To read', about: 'A page that any browser opens and prints.' },
  {
    format: 'fhir',
    file: 'record.json',
    title: 'For another clinic’s computer',
    about: 'A file in the form that health systems exchange (FHIR).',
  },
];

/** The patient's whole record, as a file of theirs. */
export const RecordCopyPage = (): JSX.Element => {
  useTitle('A copy of your record');
  const [format, setFormat] = useState<RecordFormat>('html');
  const [done, setDone] = useState('');
  const act = useAct();
  const get = (event: Event) => {
    event.preventDefault();
    setDone('');
    void act.run(
      { format },
      async ({ format: wanted }, how) => fetchRecordFile(await askForRecord(wanted, how)),
      (file) => {
        saveFile(file, FORMATS.find((one) => one.format === format)?.file ?? 'record');
        setDone('Your record is in your downloads.');
      },
    );
  };
  return (
    <PersonFrame>
      <form class="privacy" onSubmit={get}>
        <div class="stack">
          <h1>A copy of your record</h1>
          <p>
            All that this clinic’s Bedside has about you: your visits, what you answered, what was written. Keep the
            file where only you can open it.
          </p>
        </div>
        <DoneLine words={done} />
        <Choices legend="In which form?">
          {FORMATS.map((one) => (
            <Choice
              key={one.format}
              name="format"
              testId={`copy-${one.format}`}
              checked={one.format === format}
              onPick={() => setFormat(one.format)}
            >
              <span class="choice__words">
                <strong>{one.title}</strong>
                <span class="soft small">{one.about}</span>
              </span>
            </Choice>
          ))}
        </Choices>
        {act.error && <Notice tone="danger">{act.error.message}</Notice>}
        <p>
          <button type="submit" class="button button--primary button--large" data-testid="copy-get" disabled={act.busy}>
            {act.busy ? 'Putting it together…' : 'Download it'}
          </button>
        </p>
      </form>
    </PersonFrame>
  );
};
