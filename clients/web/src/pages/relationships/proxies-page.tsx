import type { ProxyRequest } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { addProxy, fetchRelationships } from '../../api/relationships-api.ts';
import type { FoundPatient } from '../../api/staff-api.ts';
import { useAct } from '../../hooks/use-act.ts';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { useNow } from '../../hooks/use-now.ts';
import { me } from '../../session.ts';
import { addDays, instantOf, isoInstant, wallClock } from '../../text/zoned.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { FormEnd } from '../../ui/form-end.tsx';
import { Loading, Notice } from '../../ui/notice.tsx';
import { isDesk } from '../../ui/staff-frame.tsx';
import '../desk/desk.css';
import { PatientPicker } from '../desk/patient-picker.tsx';
import { NotFoundPage } from '../not-found-page.tsx';
import { StaffPage } from '../schedule/staff-page.tsx';
import { ProxyList } from './proxy-list.tsx';
import { KINDS, type ProxyEntry, SCOPES } from './relationship-words.ts';

export const ProxiesPage = (): JSX.Element => (isDesk() ? <Proxies /> : <NotFoundPage />);

/** Who acts for which patient, as the front desk keeps it. */
const Proxies = (): JSX.Element => {
  const now = useNow(60_000);
  const { value, error, reload } = useLoaded(fetchRelationships);
  const [adding, setAdding] = useState(false);
  const [done, setDone] = useState('');
  const finish = (words: string) => {
    setAdding(false);
    setDone(words);
    reload();
  };
  return (
    <StaffPage
      title="Proxies"
      about="Who acts for a patient. Patients see it on their own pages and can end it there."
      act={
        <button type="button" class="button button--primary" data-testid="proxy-add" onClick={() => setAdding(true)}>
          Add a proxy
        </button>
      }
      done={done}
      questions={adding && <ProxyDialog now={now} onClose={() => setAdding(false)} onDone={finish} />}
    >
      {error && <Notice tone="danger">{error.message}</Notice>}
      {!value && !error && <Loading words="Looking it up…" />}
      {value?.proxies.length === 0 && <p class="soft">Nobody acts for anybody.</p>}
      {value && (
        <ProxyList
          relationships={value}
          proxies={value.proxies}
          now={now}
          title={({ patientId, proxyId }, nameOf) => `${nameOf(proxyId)}, for ${nameOf(patientId)},`}
          canEnd
          onDone={finish}
        />
      )}
    </StaffPage>
  );
};

const ProxyDialog = (props: { now: number; onClose: () => void; onDone: (words: string) => void }): JSX.Element => {
  const zone = me.value?.timeZone ?? 'UTC';
  const [patient, setPatient] = useState<FoundPatient>();
  const [proxy, setProxy] = useState<FoundPatient>();
  const [kind, setKind] = useState<ProxyEntry['kind']>('proxy');
  const [scopes, setScopes] = useState<ProxyEntry['scopes']>(['read', 'schedule']);
  const [lastDay, setLastDay] = useState('');
  const [problem, setProblem] = useState('');
  const act = useAct();
  const save = (event: Event) => {
    event.preventDefault();
    if (!patient || !proxy) return setProblem('Choose the patient, and who acts for them.');
    if (scopes.length === 0) return setProblem('Say what they may do.');
    setProblem('');
    const request: ProxyRequest = {
      patientId: patient.id,
      proxyId: proxy.id,
      kind,
      scopes,
      ...(lastDay && { validTo: isoInstant(instantOf(addDays(lastDay, 1), '00:00', zone)) }),
    };
    void act.run(request, addProxy, () => props.onDone(`${proxy.displayName} acts for ${patient.displayName} now.`));
  };
  return (
    <Dialog title="Add a proxy" wide onClose={props.onClose}>
      <form class="dialog-form" noValidate data-testid="proxy-form" onSubmit={save}>
        <fieldset class="plain-set">
          <legend class="field__label">For whom</legend>
          <PatientPicker patient={patient} onPick={setPatient} />
        </fieldset>
        {patient && (
          <fieldset class="plain-set">
            <legend class="field__label">Who acts for them</legend>
            <PatientPicker patient={proxy} onPick={setProxy} />
          </fieldset>
        )}
        <div class="fields">
          <Field label="As">
            <select
              class="select"
              value={kind}
              data-testid="proxy-kind"
              onChange={(event) => setKind(event.currentTarget.value === 'guardian' ? 'guardian' : 'proxy')}
            >
              {Object.entries(KINDS).map(([value, words]) => (
                <option key={value} value={value}>
                  {words}
                </option>
              ))}
            </select>
          </Field>
          <Field label="Last day (optional)">
            <input
              type="date"
              class="input"
              min={wallClock(props.now, zone).date}
              value={lastDay}
              onInput={(event) => setLastDay(event.currentTarget.value)}
            />
          </Field>
        </div>
        <fieldset class="plain-set">
          <legend class="field__label">They may</legend>
          {(Object.keys(SCOPES) as ProxyEntry['scopes']).map((scope) => (
            <label key={scope} class="check">
              <input
                type="checkbox"
                checked={scopes.includes(scope)}
                onChange={(event) =>
                  setScopes(event.currentTarget.checked ? [...scopes, scope] : scopes.filter((one) => one !== scope))
                }
              />
              <span>{SCOPES[scope]}</span>
            </label>
          ))}
        </fieldset>
        <FormEnd
          problem={problem || act.error?.message}
          send="Add the proxy"
          busy={act.busy}
          testId="proxy-save"
          onClose={props.onClose}
        />
      </form>
    </Dialog>
  );
};
