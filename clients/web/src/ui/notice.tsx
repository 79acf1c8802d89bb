import type { ComponentChildren, JSX } from 'preact';
import { Icon, type IconName } from './icons.tsx';

type Tone = 'calm' | 'warm' | 'danger';

const ICONS: Record<Tone, IconName> = { calm: 'info', warm: 'clock', danger: 'warning' };

/** A sentence that stands out. Those of tone `danger` are told to screen readers at once. */
export const Notice = (props: { tone?: Tone; icon?: IconName; children: ComponentChildren }): JSX.Element => {
  const tone = props.tone ?? 'calm';
  return (
    <div class={`notice notice--${tone}`} role={tone === 'danger' ? 'alert' : undefined}>
      <Icon name={props.icon ?? ICONS[tone]} />
      <div>{props.children}</div>
    </div>
  );
};

export const Loading = ({ words }: { words: string }): JSX.Element => (
  <div class="row soft" role="status">
    <span class="spinner" aria-hidden="true" />
    <span>{words}</span>
  </div>
);
