import type { AuditStatus } from '@bedside/protocol';
import type { JSX } from 'preact';
import { fetchAuditStatus } from '../../api/audit-api.ts';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { useNow } from '../../hooks/use-now.ts';
import { me } from '../../session.ts';
import { midSentence } from '../../text/booking.ts';
import { dayAndTime } from '../../text/time.ts';
import { Notice } from '../../ui/notice.tsx';

/** Sealing goes on every few seconds: later than this something keeps it. */
const LATE_MS = 10 * 60_000;

const publishedWords = ({ heads, published }: AuditStatus): string => {
  if (published.length === 0) return '';
  const behind = published.filter((one) => one.heads < heads).map(({ collector }) => collector);
  return behind.length === 0
    ? 'Copies of all seals are kept outside of the database.'
    : `Copies of the newest seals are on their way to ${behind.join(', ')}.`;
};

/** How far the trail is sealed, so that nobody can change it unseen, and how to prove it. */
export const TrailStatus = (): JSX.Element | null => {
  const now = useNow(60_000);
  const { value, error } = useLoaded(fetchAuditStatus);
  if (error) return <Notice tone="danger">{error.message}</Notice>;
  if (!value) return null;
  const isLate = value.unsealed > 0 && (value.sealedAt === null || now - Date.parse(value.sealedAt) > LATE_MS);
  const zone = me.value?.timeZone ?? 'UTC';
  return (
    <Notice tone={isLate ? 'warm' : 'calm'} icon={isLate ? 'warning' : 'check'}>
      <p data-testid="audit-status">
        {value.sealedAt === null
          ? 'Nothing is sealed yet.'
          : `Sealed up to ${midSentence(dayAndTime(value.sealedAt, now, zone))} under ${value.heads} signed heads.`}{' '}
        {value.unsealed === 1 && 'One newer entry waits to be sealed. '}
        {value.unsealed > 1 && `${value.unsealed.toLocaleString('en-US')} newer entries wait to be sealed. `}
        {publishedWords(value)}
      </p>
      <p class="soft small">
        Whether every seal holds is proven outside of Bedside, with an export and the public key: whoever runs Bedside
        does it with “audit:verify”.
      </p>
    </Notice>
  );
};
