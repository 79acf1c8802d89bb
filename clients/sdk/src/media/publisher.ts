import { kindOfSource, type MediaSource, type ProducerId } from '@bedside/protocol';
import type { types } from 'mediasoup-client';
import { isConnectionLoss } from '../errors.ts';
import type { SignalingSession } from '../signaling/session.ts';
import {
  AUDIO_CODEC_OPTIONS,
  cameraEncodings,
  chooseVideoCodec,
  SCREEN_ENCODINGS,
  VIDEO_CODEC_OPTIONS,
} from './encodings.ts';
import { fromRtpParameters } from './wire.ts';

/** What this person wants to send of one source. A muted source may have given its device back. */
export interface LocalSource {
  track: MediaStreamTrack | undefined;
  muted: boolean;
}

export type Request = SignalingSession['request'];

interface Sending {
  producer: types.Producer;
  /** The server's id. mediasoup-client gets a made-up one, so that the next source need not wait for this answer. */
  producerId: Promise<ProducerId>;
  /** What the server was last told. */
  muted: boolean;
}

/** Sends the local sources over one send transport: brings what is sent in line with what is wanted, source by source. */
export class Publisher {
  readonly #transport: types.Transport;
  readonly #codecs: readonly types.RtpCodecCapability[] | undefined;
  readonly #request: Request;
  readonly #failed: (error: unknown) => void;
  readonly #wanted = new Map<MediaSource, LocalSource>();
  readonly #sending = new Map<MediaSource, Sending>();
  readonly #running = new Set<MediaSource>();
  #closed = false;

  constructor(options: {
    transport: types.Transport;
    codecs: readonly types.RtpCodecCapability[] | undefined;
    request: Request;
    /** The server refused a stream or the browser could not make it. Nothing is retried. */
    failed: (error: unknown) => void;
  }) {
    this.#transport = options.transport;
    this.#codecs = options.codecs;
    this.#request = options.request;
    this.#failed = options.failed;
    options.transport.on('produce', ({ rtpParameters, appData }, callback, errback) => {
      const source = appData.source as MediaSource;
      const wanted = this.#wanted.get(source);
      if (!wanted) return errback(new Error('no longer wanted'));
      const producerId = this.#request('media.produce', {
        source,
        rtpParameters: fromRtpParameters(rtpParameters),
        paused: wanted.muted,
      }).then((result) => result.producerId);
      producerId.catch((error) => this.#fail(error));
      appData.producerId = producerId;
      appData.muted = wanted.muted;
      callback({ id: `local-${source}-${rtpParameters.mid ?? ''}` });
    });
  }

  /** `undefined` stops sending the source. */
  set(source: MediaSource, wanted: LocalSource | undefined): void {
    if (wanted) this.#wanted.set(source, wanted);
    else this.#wanted.delete(source);
    void this.#bringInLine(source);
  }

  /** The server has muted it already; this side follows without telling it. */
  mutedByHost(source: MediaSource, wanted: LocalSource): void {
    const sending = this.#sending.get(source);
    if (sending) {
      sending.muted = true;
      sending.producer.pause();
    }
    this.set(source, wanted);
  }

  /** After a resumed session: tells again what may have been lost with the old socket. */
  repeat(): void {
    for (const [source, sending] of this.#sending) {
      this.#tell(sending, sending.muted).catch((error) => this.#fail(error));
      void this.#bringInLine(source);
    }
  }

  close(): void {
    this.#closed = true;
    this.#wanted.clear();
    this.#sending.clear();
  }

  async #bringInLine(source: MediaSource): Promise<void> {
    if (this.#running.has(source)) return;
    this.#running.add(source);
    try {
      while (!this.#closed && (await this.#step(source)));
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#running.delete(source);
    }
  }

  /** One difference between wanted and sent is mended; false when there is none left. */
  async #step(source: MediaSource): Promise<boolean> {
    const wanted = this.#wanted.get(source);
    const sending = this.#sending.get(source);
    if (!wanted) {
      if (!sending) return false;
      this.#sending.delete(source);
      sending.producer.close();
      await this.#request('media.close', { producerId: await sending.producerId });
      return true;
    }
    if (!sending) {
      if (!wanted.track || wanted.track.readyState === 'ended') return false;
      await this.#produce(source, wanted.track);
      return true;
    }
    if (wanted.track && sending.producer.track !== wanted.track) {
      await sending.producer.replaceTrack({ track: wanted.track });
      return true;
    }
    if (sending.muted === wanted.muted) return false;
    sending.muted = wanted.muted;
    if (wanted.muted) sending.producer.pause();
    else sending.producer.resume();
    await this.#tell(sending, wanted.muted);
    return true;
  }

  async #produce(source: MediaSource, track: MediaStreamTrack): Promise<void> {
    const video = kindOfSource(source) === 'video';
    const codec = video ? chooseVideoCodec(this.#codecs) : undefined;
    const appData: types.AppData = { source };
    const producer = await this.#transport.produce({
      track,
      appData,
      // Tracks belong to whoever captured them: they live on when the room moves to another media server.
      stopTracks: false,
      disableTrackOnPause: source === 'microphone',
      codecOptions: video ? VIDEO_CODEC_OPTIONS : AUDIO_CODEC_OPTIONS,
      ...(source === 'camera' && { encodings: cameraEncodings(track.getSettings().height ?? 360) }),
      ...(source === 'screen' && { encodings: SCREEN_ENCODINGS }),
      ...(codec && { codec }),
    });
    const muted = appData.muted === true;
    if (muted) producer.pause();
    this.#sending.set(source, { producer, producerId: appData.producerId as Promise<ProducerId>, muted });
  }

  async #tell(sending: Sending, paused: boolean): Promise<void> {
    try {
      await this.#request('media.pause', { producerId: await sending.producerId, paused });
    } catch (error) {
      // With the socket gone there is nothing to mend here: `repeat` tells it again.
      if (!isConnectionLoss(error)) throw error;
    }
  }

  #fail(error: unknown): void {
    if (!this.#closed) this.#failed(error);
  }
}
