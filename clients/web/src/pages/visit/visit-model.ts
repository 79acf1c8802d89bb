import type { EncounterView, MediaSource, PersonId } from '@bedside/protocol';
import {
  BrowserCheck,
  type Capture,
  type CaptureSource,
  type ClientErrorCode,
  LocalMedia,
  type LocalMediaState,
  VisitClient,
  VisitError,
  type VisitState,
} from '@bedside/sdk';
import { computed, type Signal, signal } from '@preact/signals';
import { requestGrant } from '../../api/core-api.ts';
import { apiErrorOf } from '../../api/http.ts';
import { noteSignedOut } from '../../session.ts';

/** Long enough to read, short enough not to stand before a face. */
const ANNOUNCEMENT_MS = 5_000;

export type Panel = 'none' | 'chat' | 'people' | 'devices';

/**
 * Everything the page of one visit shows, as signals, and everything its buttons do. Made when the page opens, closed
 * when it goes. The camera's light is on only while the picture is.
 */
export class VisitModel {
  /** Who belongs to the visit, as core last told it. */
  readonly view: Signal<EncounterView>;
  readonly state;
  readonly media;
  /** Set when this browser cannot hold a visit at all. */
  readonly unsupported = signal<ClientErrorCode | undefined>(undefined);
  readonly microphoneMuted = signal(false);
  readonly cameraOff = signal(false);
  readonly speakerId = signal('');
  /** The browser plays no sound before a gesture (autoplay policy). */
  readonly soundBlocked = signal(false);
  readonly panel = signal<Panel>('none');
  /** What a screen reader is told, and what shows for a moment on the stage. */
  readonly announcement = signal('');
  readonly readSeq = signal(0);
  readonly unread = computed(() => {
    const own = this.state.value.room?.you.personId;
    const { messages } = this.state.value.chat;
    return messages.filter(({ seq, senderId }) => seq > this.readSeq.value && senderId !== own).length;
  });
  readonly #client: VisitClient;
  readonly #local: LocalMedia;
  #silence: ReturnType<typeof setTimeout> | undefined;

  constructor(view: EncounterView) {
    const { id: encounterId } = view;
    this.view = signal(view);
    this.#client = new VisitClient({
      encounterId,
      getGrant: async (abort) => {
        try {
          return await requestGrant(encounterId, abort);
        } catch (error) {
          const failure = apiErrorOf(error);
          noteSignedOut(failure);
          throw new VisitError(failure.code === 'unreachable' ? 'connection_lost' : failure.code, { cause: error });
        }
      },
    });
    this.#local = new LocalMedia(navigator.mediaDevices);
    this.state = signal<VisitState>(this.#client.state);
    this.media = signal<LocalMediaState>(this.#local.state);
    this.#client.on('change', (state) => {
      const before = this.state.peek().chat.messages.at(-1)?.seq ?? 0;
      this.state.value = state;
      this.#tellOfMessage(state, before);
    });
    this.#client.on('mutedByHost', ({ source, by }) => this.#mutedByHost(source, by));
    this.#client.on('problem', (error) => this.announce(error.message));
    this.#client.on('ended', () => this.#local.close());
    this.#local.on('change', (media) => {
      this.media.value = media;
      this.#publish(media);
    });
  }

  async open(): Promise<void> {
    const support = await new BrowserCheck(globalThis).run();
    if (!support.passed) {
      this.unsupported.value = support.code;
      return;
    }
    this.#client.open();
    await this.#local.startBoth();
  }

  close(): void {
    this.#client.close();
    this.#local.close();
    clearTimeout(this.#silence);
  }

  enter = (): void => this.#client.enter();

  leave = (): void => void this.#client.leave();

  startCapture = (source: CaptureSource, deviceId?: string): void => {
    if (source === 'camera') this.cameraOff.value = false;
    void this.#local.start(source, deviceId);
  };

  toggleMicrophone = (): void => {
    if (this.media.value.microphone.status !== 'on') {
      this.microphoneMuted.value = false;
      return void this.#local.start('microphone');
    }
    this.microphoneMuted.value = !this.microphoneMuted.value;
    this.announce(this.microphoneMuted.value ? 'Your microphone is off.' : 'Your microphone is on.');
    this.#publish(this.media.value);
  };

  toggleCamera = (): void => {
    if (this.media.value.camera.status === 'on') {
      this.cameraOff.value = true;
      this.#local.stop('camera');
      return this.announce('Your camera is off.');
    }
    this.startCapture('camera');
    this.announce('Your camera is on.');
  };

  admit = (personId: PersonId): void => this.#attempt(this.#client.admit(personId));
  sendBack = (personId: PersonId): void => this.#attempt(this.#client.sendBack(personId));
  muteOther = (personId: PersonId): void => this.#attempt(this.#client.muteOther(personId, 'microphone'));
  endVisit = (): void => this.#attempt(this.#client.endVisit());

  /** False when the text was not taken. */
  sendChat = (text: string): boolean => {
    try {
      this.#client.sendChat(text);
      return true;
    } catch (error) {
      this.announce(error instanceof Error ? error.message : '');
      return false;
    }
  };

  retryChat = (clientMessageId: string): void => this.#client.retryChat(clientMessageId);

  markRead = (): void => {
    this.readSeq.value = this.state.value.chat.messages.at(-1)?.seq ?? 0;
  };

  togglePanel = (panel: Panel): void => {
    this.panel.value = this.panel.value === panel ? 'none' : panel;
  };

  announce = (words: string): void => {
    clearTimeout(this.#silence);
    this.announcement.value = words;
    this.#silence = setTimeout(() => {
      this.announcement.value = '';
    }, ANNOUNCEMENT_MS);
  };

  nameOf = (personId: PersonId): string =>
    this.view.value.people.find(({ id }) => id === personId)?.displayName ?? 'Someone';

  #attempt(action: Promise<void>): void {
    action.catch((error: unknown) => this.announce(error instanceof Error ? error.message : 'That did not work.'));
  }

  /** Who has the thread open sees it there. The text itself is for the thread only: others may see this screen. */
  #tellOfMessage({ chat, room, phase }: VisitState, seqBefore: number): void {
    const last = chat.messages.at(-1);
    if (!last || last.seq <= seqBefore || phase !== 'in-visit') return;
    if (last.senderId === room?.you.personId || this.panel.peek() === 'chat') return;
    this.announce(`${this.nameOf(last.senderId)} has written to you.`);
  }

  #mutedByHost(source: MediaSource, by: PersonId): void {
    if (source === 'microphone') {
      this.microphoneMuted.value = true;
      this.announce(`${this.nameOf(by)} turned your microphone off. You can turn it on again.`);
    }
    if (source === 'camera') {
      this.cameraOff.value = true;
      this.#local.stop('camera');
      this.announce(`${this.nameOf(by)} turned your camera off. You can turn it on again.`);
    }
  }

  #publish({ camera, microphone }: LocalMediaState): void {
    if (microphone.status === 'on') microphone.track.enabled = !this.microphoneMuted.value;
    this.#publishOne('microphone', microphone, this.microphoneMuted.value);
    this.#publishOne('camera', camera, this.cameraOff.value);
  }

  #publishOne(source: CaptureSource, capture: Capture, muted: boolean): void {
    const before = this.#client.state.local[source];
    const wanted =
      capture.status === 'on' ? { track: capture.track, muted } : before && { track: undefined, muted: true };
    if (wanted?.track === before?.track && wanted?.muted === before?.muted) return;
    this.#client.setLocal(source, wanted);
  }
}
