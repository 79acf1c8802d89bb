import type { Hold, WaitlistEntry } from '@bedside/protocol';
import { fetchWaitlistOf } from '../../api/patients-api.ts';
import { fetchHolds, fetchWaitlist } from '../../api/scheduling-api.ts';
import { me } from '../../session.ts';
import { madeBySelf } from '../../text/waitlist.ts';
import { type ActedFor, maySchedule } from './acting.ts';

export const fetchLineOf = (acting: ActedFor | undefined): Promise<WaitlistEntry[]> =>
  acting ? fetchWaitlistOf(acting.id) : fetchWaitlist();

/** What this person has in hand for one patient: places in line, and times held. Of everybody else's nothing. */
export const fetchInHand = async (
  acting: ActedFor | undefined,
): Promise<{ waitlist: WaitlistEntry[]; holds: Hold[] }> => {
  if (!maySchedule(acting)) return { waitlist: [], holds: [] };
  const [waitlist, holds] = await Promise.all([fetchLineOf(acting), fetchHolds()]);
  const patientId = acting?.id ?? me.value?.person.id;
  return {
    waitlist,
    holds: madeBySelf(
      holds.filter((hold) => hold.patientId === patientId),
      waitlist,
    ),
  };
};
