import { Permissions, type VisitRole } from '@bedside/protocol';

/** Life of a grant; signaling renews it while its session lives. */
export const GRANT_LIFE_MS = 5 * 60_000;

const SPEAK_AND_SEE = { publishAudio: true, publishVideo: true, subscribe: true, chat: true } as const;

/** What each role may do in a visit. What is not named here is not allowed (SPEC GR5). */
export const permissionsOf = (role: VisitRole): Permissions => {
  switch (role) {
    case 'provider':
      return Permissions.parse({
        ...SPEAK_AND_SEE,
        publishScreen: true,
        enter: true,
        admit: true,
        mute: true,
        end: true,
      });
    case 'patient':
    case 'interpreter':
    case 'guest':
      return Permissions.parse(SPEAK_AND_SEE);
    default:
      return role satisfies never;
  }
};
