import { useLayoutEffect } from 'preact/hooks';
import type { VisitModel } from './visit-model.ts';

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName));

/** m: microphone, v: camera, Escape: closes the panel. Silent while somebody types or a dialog is open. */
export const useShortcuts = (model: VisitModel): void => {
  useLayoutEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || document.querySelector('dialog[open]')) return;
      if (event.key === 'Escape') {
        model.panel.value = 'none';
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target)) return;
      if (event.key === 'm') model.toggleMicrophone();
      if (event.key === 'v') model.toggleCamera();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [model]);
};
