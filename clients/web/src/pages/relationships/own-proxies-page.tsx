import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { fetchRelationships } from '../../api/relationships-api.ts';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { useNow } from '../../hooks/use-now.ts';
import { useTitle } from '../../hooks/use-title.ts';
import { forPath } from '../../routes.ts';
import { me } from '../../session.ts';
import { Loading, Notice } from '../../ui/notice.tsx';
import { PersonFrame } from '../../ui/person-frame.tsx';
import { PhoneLine } from '../../ui/phone-line.tsx';
import { actedForBy } from '../acting/acting.ts';
import '../privacy/privacy.css';
import { DoneLine } from '../schedule/done-line.tsx';
import '../schedule/schedule.css';
import { ProxyList } from './proxy-list.tsx';

/** Who may act for the patient, and for whom the patient may act. */
export const OwnProxiesPage = (): JSX.Element => {
  useTitle('People who may act for you');
  const now = useNow(60_000);
  const { value, error, reload } = useLoaded(fetchRelationships);
  const [done, setDone] = useState('');
  const own = me.value?.person.id;
  const forMe = value?.proxies.filter(({ patientId }) => patientId === own) ?? [];
  const byMe = value?.proxies.filter(({ proxyId }) => proxyId === own) ?? [];
  const finish = (words: string) => {
    setDone(words);
    reload();
  };
  return (
    <PersonFrame>
      <div class="privacy">
        <div class="stack">
          <h1>People who may act for you</h1>
          <p>A parent, a child, a friend: whoever the clinic has noted as acting for you, and what they may do.</p>
        </div>
        <DoneLine words={done} />
        {error && <Notice tone="danger">{error.message}</Notice>}
        {!value && !error && <Loading words="Looking it up…" />}
        {value && forMe.length === 0 && <p data-testid="proxies-none">Nobody acts for you.</p>}
        {value && (
          <ProxyList
            relationships={value}
            proxies={forMe}
            now={now}
            title={({ proxyId }, nameOf) => nameOf(proxyId)}
            canEnd
            onDone={finish}
          />
        )}
        {value && own && byMe.length > 0 && (
          <section class="stack" aria-labelledby="by-me">
            <h2 id="by-me">You may act for</h2>
            <ProxyList
              relationships={value}
              proxies={byMe}
              now={now}
              title={({ patientId }, nameOf) => `For ${nameOf(patientId)} you`}
              canEnd={false}
              onDone={finish}
            />
            <p class="row">
              {actedForBy(value, own).map(({ id, displayName }) => (
                <a key={id} class="button button--secondary" href={forPath(id)} data-testid="acting-open">
                  Visits of {displayName}
                </a>
              ))}
            </p>
          </section>
        )}
        <PhoneLine words="To have somebody added, call the clinic:" />
      </div>
    </PersonFrame>
  );
};
