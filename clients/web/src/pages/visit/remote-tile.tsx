import type { RemoteMedia } from '@bedside/sdk';
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { initials } from '../../text/visits.ts';
import { Icon } from '../../ui/icons.tsx';
import type { VisitModel } from './visit-model.ts';

type SinkElement = HTMLVideoElement & { setSinkId?(id: string): Promise<void> };

/** One other participant: picture where there is one, else their initials; their sound in any case. */
export const RemoteTile = (props: {
  model: VisitModel;
  personId: RemoteMedia['personId'];
  media: RemoteMedia | undefined;
  connected: boolean;
}): JSX.Element => {
  const { model, personId, media, connected } = props;
  const element = useRef<SinkElement>(null);
  const stream = media?.stream;
  const name = model.nameOf(personId);
  const hasPicture = media?.sources.camera !== undefined && !media.sources.camera.paused;
  const soundOff = !media?.sources.microphone || media.sources.microphone.paused;

  // At once: an effect would wait for the next painted frame, and somebody waits for the first picture.
  useLayoutEffect(() => {
    const video = element.current;
    if (!video || !stream) return;
    video.srcObject = stream;
    video.play().catch((error: unknown) => {
      if (!(error instanceof DOMException) || error.name !== 'NotAllowedError') return;
      // The picture may play without sound; a tap brings the sound.
      video.muted = true;
      model.soundBlocked.value = true;
      void video.play().catch(() => undefined);
    });
  }, [stream, model]);

  const soundBlocked = model.soundBlocked.value;
  useEffect(() => {
    if (!soundBlocked && element.current) element.current.muted = false;
  }, [soundBlocked]);

  const speakerId = model.speakerId.value;
  useEffect(() => {
    if (speakerId) void element.current?.setSinkId?.(speakerId).catch(() => undefined);
  }, [speakerId]);

  return (
    <figure class="tile">
      <video
        ref={element}
        class={`tile__video${hasPicture ? '' : ' tile__video--none'}`}
        autoplay
        playsInline
        data-testid="remote-video"
        data-person-id={personId}
        aria-label={`Picture of ${name}`}
      />
      {!hasPicture && (
        <div class="tile__blank">
          <span class="avatar avatar--large" aria-hidden="true">
            {initials(name)}
          </span>
          <p>{connected ? `${name}’s camera is off` : `${name} is reconnecting…`}</p>
        </div>
      )}
      <figcaption class="tile__name">
        {soundOff && <Icon name="microphoneOff" />}
        <span>
          {name}
          {soundOff && <span class="visually-hidden">, microphone off</span>}
        </span>
        {!connected && hasPicture && <span>· reconnecting…</span>}
      </figcaption>
    </figure>
  );
};
