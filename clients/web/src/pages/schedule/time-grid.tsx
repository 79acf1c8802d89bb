import type { Appointment, ProviderCalendar } from '@bedside/protocol';
import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';
import { clockTime, timeRange } from '../../text/time.ts';
import { isOver, patientName } from '../../text/visits.ts';
import { clockWords, wallClock } from '../../text/zoned.ts';
import { Icon } from '../../ui/icons.tsx';
import { hoursAround, intoLanes, isOutside, type Laned, type Placed, placeOn } from './grid-model.ts';
import { isPresent, stateWords } from './visit-words.ts';
import './time-grid.css';

export type Block = ProviderCalendar['blocks'][number];
export type Open = ProviderCalendar['open'][number];

/** One day of one provider. */
export interface GridColumn {
  readonly key: string;
  /** `YYYY-MM-DD` in the zone of the grid. */
  readonly date: string;
  readonly head: ComponentChildren;
  readonly open: readonly Open[];
  readonly blocks: readonly Block[];
  readonly visits: readonly Appointment[];
}

interface GridProps {
  readonly columns: readonly GridColumn[];
  readonly timeZone: string;
  readonly now: number;
  readonly onOpen: (visit: Appointment) => void;
  /** What a visit is called: the patient's name unless given. */
  readonly nameOf?: (visit: Appointment) => string;
}

/** What a day still has of a visit. A moved or cancelled one has given its time back. */
export const onTheDay = (visits: readonly Appointment[]): Appointment[] =>
  visits.filter(({ status }) => !['cancelled', 'rescheduled', 'entered-in-error'].includes(status));

/** Ahead and held by no opening: somebody should look at it. */
export const needsALook = (visit: Appointment, open: readonly Open[], now: number): boolean =>
  !isOver(visit.status) && Date.parse(visit.startsAt) > now && isOutside(visit, open);

const BLOCK_WORDS: Record<Block['kind'], string> = { block: 'Blocked', 'time-off': 'Time off', holiday: 'Holiday' };

export const blockWords = ({ kind, label }: Pick<Block, 'kind' | 'label'>): string =>
  label ? `${BLOCK_WORDS[kind]}: ${label}` : BLOCK_WORDS[kind];

const vars = (values: Record<string, number>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`--${name}`, String(value)]));

/** What stands behind a day's visits, for whoever cannot see it. */
const backgroundWords = (open: readonly Placed<Open>[], blocks: readonly Placed<Block>[]): string => {
  const range = ({ from, to }: Placed<unknown>): string => `${clockWords(from)} – ${clockWords(to)}`;
  const hours = open.length > 0 ? `Open ${open.map(range).join(', ')}.` : 'Not open.';
  return [hours, ...blocks.map((one) => `${blockWords(one.item)}, ${range(one)}.`)].join(' ');
};

/** Days beside their hours. To a reader each is a heading, a sentence about its hours and the list of its visits. */
export const TimeGrid = ({ columns, timeZone, now, onOpen, nameOf = patientName }: GridProps): JSX.Element => {
  const laidOut = columns.map((column) => {
    const on = { date: column.date, timeZone };
    return {
      column,
      open: placeOn(column.open, on),
      blocks: placeOn(column.blocks, on),
      visits: intoLanes(placeOn(onTheDay(column.visits), on)),
    };
  });
  const { from, to } = hoursAround(laidOut.flatMap(({ open, visits }) => [...open, ...visits]));
  const clock = wallClock(now, timeZone);
  const hours = Array.from({ length: (to - from) / 60 }, (_, index) => from + index * 60);
  return (
    <div class="grid" style={vars({ 'grid-from': from, 'grid-to': to, columns: columns.length })}>
      <div class="grid__hours" aria-hidden="true">
        {hours.slice(1).map((minutes) => (
          <span key={minutes} class="grid__hour" style={vars({ from: minutes })}>
            {clockWords(minutes).replace(':00', '')}
          </span>
        ))}
      </div>
      {laidOut.map(({ column, open, blocks, visits }) => (
        <Column key={column.key} column={column} background={backgroundWords(open, blocks)}>
          {open.map(({ item, from: start, to: end }) => (
            <div key={item.startsAt} class="grid__open" aria-hidden="true" style={vars({ from: start, to: end })} />
          ))}
          {blocks.map(({ item, from: start, to: end }) => (
            <div
              key={`${item.kind} ${item.startsAt}`}
              class={`grid__block grid__block--${item.kind}`}
              aria-hidden="true"
              style={vars({ from: Math.max(start, from), to: Math.min(end, to) })}
            >
              <span>{blockWords(item)}</span>
            </div>
          ))}
          {column.date === clock.date && clock.minutes >= from && clock.minutes <= to && (
            <div class="grid__now" aria-hidden="true" style={vars({ from: clock.minutes })} />
          )}
          <ol>
            {visits.map((laned) => (
              <Event
                key={laned.item.id}
                laned={laned}
                timeZone={timeZone}
                name={nameOf(laned.item)}
                outside={needsALook(laned.item, column.open, now)}
                onOpen={onOpen}
              />
            ))}
          </ol>
        </Column>
      ))}
    </div>
  );
};

const Column = (props: { column: GridColumn; background: string; children: ComponentChildren }): JSX.Element => {
  const headId = useId();
  return (
    <section class="grid__column" aria-labelledby={headId} data-testid="grid-column" data-date={props.column.date}>
      <div class="grid__head" id={headId}>
        {props.column.head}
      </div>
      <div class="grid__body">
        <p class="visually-hidden">{props.background}</p>
        {props.children}
      </div>
    </section>
  );
};

const Event = (props: {
  laned: Laned<Appointment>;
  timeZone: string;
  name: string;
  outside: boolean;
  onOpen: (visit: Appointment) => void;
}): JSX.Element => {
  const { item: visit, from, to, lane, lanes } = props.laned;
  const state = stateWords(visit);
  const look = isPresent(visit) ? ' event--live' : isOver(visit.status) ? ' event--over' : '';
  return (
    <li class="grid__visit" style={vars({ from, to, lane, lanes })}>
      <button
        type="button"
        class={`event${look}${props.outside ? ' event--outside' : ''}${to - from >= 30 ? ' event--tall' : ''}`}
        data-testid="calendar-visit"
        data-appointment-id={visit.id}
        title={`${timeRange(visit.startsAt, visit.endsAt, props.timeZone)}, ${visit.visitType.name}`}
        onClick={() => props.onOpen(visit)}
      >
        {props.outside && <Icon name="warning" />}
        <span class="event__time numeric">{clockTime(visit.startsAt, props.timeZone)}</span>
        <span class="event__name">{props.name}</span>
        {state && <span class="event__state">{state}</span>}
        <span class="visually-hidden">
          , {visit.visitType.name}
          {props.outside && ', outside the open hours'}
        </span>
      </button>
    </li>
  );
};
