import type { JSX } from 'preact';
import { fetchRelationships } from '../../api/relationships-api.ts';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { useNow } from '../../hooks/use-now.ts';
import { me } from '../../session.ts';
import { Notice } from '../../ui/notice.tsx';
import { nameIn, periodWords } from './relationship-words.ts';

/** Records that are open in an emergency right now, with the reasons; nothing most of the time. */
export const EmergencyList = (): JSX.Element | null => {
  const now = useNow(60_000);
  const zone = me.value?.timeZone ?? 'UTC';
  const { value } = useLoaded(fetchRelationships);
  if (!value || value.emergencies.length === 0) return null;
  const nameOf = nameIn(value);
  return (
    <Notice tone="warm" icon="warning">
      <h2>Open in an emergency now</h2>
      <ul>
        {value.emergencies.map((one) => (
          <li key={one.id} data-testid="emergency">
            {nameOf(one.personId)} reads the record of {nameOf(one.patientId)}: “{one.reason}”{' '}
            <span class="soft small">{periodWords(one, now, zone)}</span>
          </li>
        ))}
      </ul>
    </Notice>
  );
};
