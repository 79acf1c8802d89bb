import type { Relationships } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { endProxy } from '../../api/relationships-api.ts';
import { useAct } from '../../hooks/use-act.ts';
import { me } from '../../session.ts';
import { EndDialog } from '../../ui/end-dialog.tsx';
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
        <EndDialog
          title="End this now?"
          end="End it"
          testId="proxy-end-confirm"
          busy={act.busy}
          problem={act.error}
          onEnd={() =>
            void act.run(
              { id: ending.id },
              ({ id }) => endProxy(id),
              () => {
                setEnding(undefined);
                props.onDone(`${nameOf(ending.proxyId)} acts for ${nameOf(ending.patientId)} no more.`);
              },
            )
          }
          onClose={() => setEnding(undefined)}
        >
          <p>
            {props.title(ending, nameOf)} {scopesWords(ending.scopes)} no longer, from now on.
          </p>
        </EndDialog>
      )}
    </>
  );
};
