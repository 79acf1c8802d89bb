import { CHAT_TEXT_MAX } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { me } from '../../session.ts';
import { clockTime } from '../../text/time.ts';
import { Icon } from '../../ui/icons.tsx';
import { PanelFrame } from './panel-frame.tsx';
import type { VisitModel } from './visit-model.ts';

export const ChatPanel = ({ model }: { model: VisitModel }): JSX.Element => {
  const [text, setText] = useState('');
  const list = useRef<HTMLOListElement>(null);
  const input = useRef<HTMLTextAreaElement>(null);
  const { chat, room } = model.state.value;
  const zone = me.value?.timeZone ?? 'UTC';
  const last = chat.messages.at(-1)?.seq ?? 0;
  const waiting = chat.outgoing.length;

  useLayoutEffect(() => {
    input.current?.focus();
  }, []);
  // Each new message moves the list to its end.
  useEffect(() => {
    model.markRead();
    list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [model, last, waiting]);

  const send = () => {
    if (text.trim() && model.sendChat(text)) setText('');
    input.current?.focus();
  };

  return (
    <PanelFrame title="Messages" model={model}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: whoever scrolls by keyboard has to reach the list (WCAG 2.1.1) */}
      <ol ref={list} class="chat" aria-live="polite" aria-label="Messages of this visit" tabIndex={0}>
        {chat.messages.length === 0 && waiting === 0 && (
          <li class="chat__empty soft">Nothing written yet. What you write here stays with your visit’s record.</li>
        )}
        {chat.messages.map((message) => {
          const own = message.senderId === room?.you.personId;
          return (
            <li
              key={message.seq}
              class={`bubble${own ? ' bubble--own' : ''}`}
              data-testid="chat-message"
              data-seq={message.seq}
            >
              <p class="bubble__who">
                {own ? 'You' : model.nameOf(message.senderId)}{' '}
                <time dateTime={message.sentAt}>{clockTime(message.sentAt, zone)}</time>
              </p>
              <p class="bubble__text" data-testid="chat-text">
                {message.text}
              </p>
            </li>
          );
        })}
        {chat.outgoing.map((message) => (
          <li key={message.clientMessageId} class="bubble bubble--own bubble--pending" data-testid="chat-pending">
            <p class="bubble__text">{message.text}</p>
            {message.status === 'sending' ? (
              <p class="bubble__who">Sending…</p>
            ) : (
              <p class="bubble__who">
                Not sent.{' '}
                <button type="button" class="bubble__retry" onClick={() => model.retryChat(message.clientMessageId)}>
                  Try again
                </button>
              </p>
            )}
          </li>
        ))}
      </ol>
      <form
        class="composer"
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <textarea
          ref={input}
          class="composer__input"
          rows={1}
          maxLength={CHAT_TEXT_MAX}
          value={text}
          placeholder="Write a message"
          aria-label="Write a message"
          data-testid="chat-input"
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            send();
          }}
        />
        <button
          type="submit"
          class="round round--accent"
          aria-label="Send"
          data-testid="chat-send"
          disabled={!text.trim()}
        >
          <Icon name="send" />
        </button>
      </form>
    </PanelFrame>
  );
};
