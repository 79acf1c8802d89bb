import type { EncounterId, EncounterView } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useRoute } from 'preact-iso';
import { fetchEncounter } from '../../api/core-api.ts';
import { type ApiError, apiErrorOf } from '../../api/http.ts';
import { useNow } from '../../hooks/use-now.ts';
import { useTitle } from '../../hooks/use-title.ts';
import { noteSignedOut } from '../../session.ts';
import { entryOf } from '../../text/visits.ts';
import { Frame } from '../../ui/frame.tsx';
import { Loading } from '../../ui/notice.tsx';
import { AfterVisit } from './after-visit.tsx';
import { ClosedDoor } from './closed-door.tsx';
import { DeviceCheck } from './device-check.tsx';
import { Stage } from './stage.tsx';
import { usePhaseFocus } from './use-phase-focus.ts';
import { VisitModel } from './visit-model.ts';
import { WaitingRoom } from './waiting-room.tsx';
import './check.css';
import './waiting.css';
import './stage.css';
import './panel.css';

/** How often who is not in the visit learns anew of a change of time, of lateness, of the end. */
const REFRESH_MS = 30_000;

const useEncounter = (id: EncounterId) => {
  const [found, setFound] = useState<{ view?: EncounterView; error?: ApiError }>({});
  useEffect(() => {
    const abort = new AbortController();
    const load = async () => {
      try {
        setFound({ view: await fetchEncounter(id, abort.signal) });
      } catch (error) {
        if (abort.signal.aborted) return;
        const failure = apiErrorOf(error);
        // What was shown stays while the server cannot be asked.
        if (!noteSignedOut(failure)) setFound(({ view }) => (view ? { view } : { error: failure }));
      }
    };
    void load();
    const again = setInterval(() => void load(), REFRESH_MS);
    return () => {
      abort.abort();
      clearInterval(again);
    };
  }, [id]);
  return found;
};

export const VisitPage = (): JSX.Element => {
  const id = useRoute().params.encounterId as EncounterId;
  const { view, error } = useEncounter(id);
  const now = useNow(5_000);
  const entered = useRef(false);
  useTitle('Visit');
  if (error) return <ClosedDoor reason={error.code} />;
  if (!view) {
    return (
      <Frame narrow>
        <Loading words="Opening your visit…" />
      </Frame>
    );
  }
  const entry = entryOf(view.appointment, now);
  if (entry.state === 'open') entered.current = true;
  if (entry.state === 'early') return <ClosedDoor reason="visit_too_early" view={view} now={now} />;
  // Who comes when all is over is not asked for a camera; who is inside hears of the end from the visit itself.
  if (!entered.current) return <AfterVisit end={{ kind: 'ended' }} view={view} />;
  return <VisitRoom key={id} view={view} />;
};

/** From the device check to the goodbye. Stays mounted when the encounter's record changes underneath. */
const VisitRoom = ({ view }: { view: EncounterView }): JSX.Element => {
  const [round, setRound] = useState(0);
  // A new round after "rejoin": a client that has ended is never used again.
  const model = useMemo(() => new VisitModel(view), [view.id, round]);
  useEffect(() => {
    model.view.value = view;
  }, [model, view]);
  useEffect(() => {
    void model.open();
    return () => model.close();
  }, [model]);

  const { phase, end } = model.state.value;
  usePhaseFocus(phase);
  if (model.unsupported.value) return <ClosedDoor reason={model.unsupported.value} view={view} />;
  switch (phase) {
    case 'idle':
    case 'device-check':
      return <DeviceCheck model={model} view={view} />;
    case 'waiting':
      return <WaitingRoom model={model} view={view} />;
    case 'in-visit':
      return <Stage model={model} view={view} />;
    case 'over':
      return <AfterVisit end={end} view={view} onRejoin={() => setRound(round + 1)} />;
    default:
      return phase satisfies never;
  }
};
