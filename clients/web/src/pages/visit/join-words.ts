import type { VisitRole } from '@bedside/protocol';
import type { Capture } from '@bedside/sdk';

/** What the way in is called, given what works. */
export const joinWords = (facts: {
  camera: Capture['status'];
  microphone: Capture['status'];
  role: VisitRole;
}): { button: string; hint?: string } => {
  const { camera, microphone } = facts;
  const sees = camera === 'on' || camera === 'starting';
  const speaks = microphone === 'on' || microphone === 'starting';
  if (sees && speaks) return { button: 'I’m ready' };
  if (speaks) return { button: 'Join with sound only', hint: 'You can turn the camera on later.' };
  if (sees) return { button: 'Join without a microphone', hint: 'They see you, and you can write to each other.' };
  return { button: 'Join and write', hint: 'You see and hear them, and you can write to each other.' };
};
