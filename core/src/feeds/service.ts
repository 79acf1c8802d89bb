import { AppError, type CalendarFeed, type CalendarFeedRequest, type Modality } from '@bedside/protocol';
import { audit } from '../audit/audit.ts';
import { AccessDenied, actorOf, type Caller } from '../caller.ts';
import { type CoreContext, nowOf } from '../context.ts';
import type { Origin } from '../identity/service.ts';
import { decideByRole } from '../policy/policy.ts';
import { type CalendarTitle, makeCalendar } from '../scheduling/ics.ts';
import { looksLikeSecret, newSecret, sha256 } from '../secrets.ts';
import { FEEDS_MAX, feedRange, isCancelledInFeed } from './model.ts';
import { feedEvents, insertFeed, liveFeeds, openFeed, revokeFeed, toCalendarFeed } from './store.ts';

const TITLES: Readonly<Record<Modality, CalendarTitle>> = {
  video: 'Video visit',
  audio: 'Audio visit',
  chat: 'Chat visit',
};
