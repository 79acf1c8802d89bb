import { MAX_PERMISSIONS } from '../config.ts';
import { allocationOf, error, type Outcome, peerAddressesOf, type Request, refocus, success } from './request.ts';

/** RFC 8656 §10.2: all of the permissions asked for, or none. */
export const createPermission = (request: Request): Outcome => {
  const allocation = allocationOf(request);
  if ('refused' in allocation) return error(allocation.refused);

  const peers = peerAddressesOf(request.message);
  if (peers === undefined || peers.length === 0) return error(400);
  // The policy is asked first, so that a peer that is none of ours is 403 whatever else is wrong with it.
  if (peers.some((peer) => request.peers.judgeIp(peer.ip) === 'forbidden')) return error(403);
  if (peers.some((peer) => !allocation.ends.has(peer.family))) return error(443);

  allocation.prune(request.now);
  const added = new Set(peers.map((peer) => peer.ip).filter((ip) => !allocation.hasPermission(ip, request.now)));
  if (allocation.permissionCount + added.size > MAX_PERMISSIONS) return error(508);
  for (const peer of peers) allocation.permit(peer.ip, request.now);
  return success([], refocus(allocation));
};
