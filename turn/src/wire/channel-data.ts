/**
 * Channel numbers a client may bind. RFC 8656 §12 leaves 0x5000 to 0x7FFF aside for other protocols on one port; clients
 * of RFC 5766 §11 use them, and nothing else speaks on ours.
 */
export const CHANNEL_NUMBER = { min: 0x4000, max: 0x7fff } as const;
export const CHANNEL_DATA_HEADER_BYTES = 4;

export interface ChannelData {
  readonly channel: number;
  /** A view into the frame. */
  readonly data: Buffer;
}

export const isChannelNumber = (channel: number): boolean =>
  channel >= CHANNEL_NUMBER.min && channel <= CHANNEL_NUMBER.max;

/**
 * Parses a ChannelData message (RFC 8656 §12.4). Undefined for a reserved channel number or a length beyond the frame,
 * which are to be dropped silently (§12.6). What stands behind the length is padding.
 */
export const decodeChannelData = (frame: Buffer): ChannelData | undefined => {
  if (frame.length < CHANNEL_DATA_HEADER_BYTES) return undefined;
  const channel = frame.readUInt16BE(0);
  const length = frame.readUInt16BE(2);
  if (!isChannelNumber(channel) || CHANNEL_DATA_HEADER_BYTES + length > frame.length) return undefined;
  return { channel, data: frame.subarray(CHANNEL_DATA_HEADER_BYTES, CHANNEL_DATA_HEADER_BYTES + length) };
};

const PADDING = [Buffer.alloc(0), Buffer.alloc(1), Buffer.alloc(2), Buffer.alloc(3)] as const;

/**
 * The pieces of a ChannelData message, to be sent as one datagram or written one after another: the payload is not
 * copied. Streams are padded to four bytes, datagrams are not (RFC 8656 §12.5).
 */
export const channelDataChunks = (channel: number, data: Buffer, pad: boolean): readonly Buffer[] => {
  const header = Buffer.allocUnsafe(CHANNEL_DATA_HEADER_BYTES);
  header.writeUInt16BE(channel, 0);
  header.writeUInt16BE(data.length, 2);
  const padding = pad ? PADDING[(4 - (data.length & 3)) & 3] : undefined;
  return padding === undefined || padding.length === 0 ? [header, data] : [header, data, padding];
};
