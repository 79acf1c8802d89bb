import { ATTRIBUTE } from '../../wire/attribute-types.ts';
import { decodeChannelNumber } from '../../wire/attributes/numbers.ts';
import { isChannelNumber } from '../../wire/channel-data.ts';
import { attributeOf } from '../../wire/message.ts';
import { MAX_CHANNELS, MAX_PERMISSIONS } from '../config.ts';
import { allocationOf, error, type Outcome, peerAddressesOf, type Request, refocus, success } from './request.ts';

/** RFC 8656 §12.2: binds a channel to a peer or refreshes the binding, and the permission with it. */
export const channelBind = (request: Request): Outcome => {
  const allocation = allocationOf(request);
  if ('refused' in allocation) return error(allocation.refused);
  const { message, now } = request;

  // "The request does not contain both a CHANNEL-NUMBER and an XOR-PEER-ADDRESS attribute", or a number out of range: 400.
  const value = attributeOf(message, ATTRIBUTE.channelNumber);
  const number = value === undefined ? undefined : decodeChannelNumber(value);
  const peer = peerAddressesOf(message)?.[0];
  if (number === undefined || peer === undefined || !isChannelNumber(number)) return error(400);
  if (request.peers.judge(peer) === 'forbidden') return error(403);
  if (!allocation.ends.has(peer.family)) return error(443);

  // "The channel number is currently bound to a different transport address", or the other way round: 400.
  allocation.prune(now);
  const ofNumber = allocation.channelByNumber(number, now);
  const ofPeer = allocation.channelByPeer(peer, now);
  if (ofNumber !== ofPeer) return error(400);

  const isNewPermission = !allocation.hasPermission(peer.ip, now);
  if (ofNumber === undefined && allocation.channelCount >= MAX_CHANNELS) return error(508);
  if (isNewPermission && allocation.permissionCount >= MAX_PERMISSIONS) return error(508);
  allocation.bind(number, peer, now);
  return success([], refocus(allocation));
};
