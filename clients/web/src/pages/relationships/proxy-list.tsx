import type { Relationships } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { endProxy } from '../../api/relationships-api.ts';
import { useAct } from '../../hooks/use-act.ts';
import { me } from '../../session.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Notice } from '../../ui/notice.tsx';
import '../../ui/rows.css';
import { KINDS, nameIn, type ProxyEntry, periodWords, scopesWords } from './relationship-words.ts';

/** Who acts for whom, each to be ended by those who may. */
export const ProxyList = (props: {
  relationships: Relationships;
  proxies: readonly ProxyEntry[];
  now: number;
  title: (proxy: ProxyEntry, nameOf: ReturnType<typeof nameIn>) => string;
  canEnd: boolean;
  onDone: (words: string) => void;
}): JSX.Element => {
  const { now } = props;
  const nameOf = nameIn(props.relationships);
  const zone = me.value?.timeZone ?? 'UTC';
  const [ending, setEnding] = useState<ProxyEntry>();
  const act = useAct();
  return (
    <>
      <ul class="rules">
        {props.proxies.map((proxy) => (
          <li key={proxy.id} class="rule" data-testid="proxy">
            <div>
              <p>
                <strong>{props.title(proxy, nameOf)}</strong> {scopesWords(proxy.scopes)}
              </p>
              <p class="soft small">
                {KINDS[proxy.kind]} · {periodWords(proxy, now, zone)}
              </p>
            </div>
            {props.canEnd && (
              <button
                type="button"
                class="button button--quiet"
                data-testid="proxy-end"
                aria-label={`End: ${props.title(proxy, nameOf)}`}
                onClick={() => setEnding(proxy)}
              >
                End
              </button>
            )}
          </li>
        ))}
      </ul>
      {ending && (
        <Dialog
          title="End this now?"
          onClose={() => setEnding(undefined)}
          actions={
            <>
              <button
                type="button"
                class="button button--danger"
                data-testid="proxy-end-confirm"
                disabled={act.busy}
                onClick={() =>
                  void act.run(
                    { id: ending.id },
                    ({ id }) => endProxy(id),
                    () => {
                      setEnding(undefined);
                      props.onDone(`${nameOf(ending.proxyId)} acts for ${nameOf(ending.patientId)} no more.`);
                    },
                  )
                }
              >
                End it
              </button>
              <button type="button" class="button button--secondary" onClick={() => setEnding(undefined)}>
                Keep it
              </button>
            </>
          }
        >
          <p>
            {props.title(ending, nameOf)} {scopesWords(ending.scopes)} no longer, from now on.
          </p>
          {act.error && <Notice tone="danger">{act.error.message}</Notice>}
        </Dialog>
      )}
    </>
  );
};
