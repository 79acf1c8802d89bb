import type { Participant, PersonId, RoomView } from '@bedside/protocol';
import type { Member, RoomState } from './room-state.ts';

const participant = (member: Member): Participant => ({
  personId: member.personId,
  role: member.role,
  presence: member.presence,
  connected: member.connected,
  since: new Date(member.sinceMs).toISOString(),
});

const isHost = (member: Member): boolean => member.permissions.admit;

/** Hosts see everybody (SPEC WAIT6), who is in the visit sees the others in it, who waits sees nobody (WAIT3). */
const mayBeSeen = (viewer: Member, other: Member): boolean =>
  isHost(viewer) || (viewer.presence === 'admitted' && other.presence === 'admitted');

/** The room as `personId` may see it; `undefined` for somebody who is not here. */
export const viewOf = (state: RoomState, personId: PersonId): RoomView | undefined => {
  const viewer = state.members.get(personId);
  if (viewer === undefined) return undefined;
  const members = [...state.members.values()];
  return {
    encounterId: state.encounterId,
    you: participant(viewer),
    others: members.filter((other) => other !== viewer && mayBeSeen(viewer, other)).map(participant),
    hostPresent: members.some(isHost),
  };
};
