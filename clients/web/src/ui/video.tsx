import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

/** Shows a stream of this person's own: silent, mirrored. */
export const OwnVideo = ({ track, testId }: { track: MediaStreamTrack; testId?: string }): JSX.Element => {
  const element = useRef<HTMLVideoElement>(null);
  // At once: an effect would wait for the next painted frame.
  useLayoutEffect(() => {
    if (element.current) element.current.srcObject = new MediaStream([track]);
  }, [track]);
  return (
    <video
      ref={element}
      class="own-video"
      autoplay
      muted
      playsInline
      disablePictureInPicture
      aria-label="Your own picture"
      data-testid={testId}
    />
  );
};
