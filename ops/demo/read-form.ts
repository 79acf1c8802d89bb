import type { IncomingMessage } from 'node:http';

const MAX_FORM_BYTES = 4_096;

/** Reads a form that a browser posted; rejects one of more than 4 KiB. */
export const readForm = async (req: IncomingMessage): Promise<URLSearchParams> => {
  let text = '';
  for await (const chunk of req.setEncoding('utf8')) {
    text += String(chunk);
    if (text.length > MAX_FORM_BYTES) throw new Error('the form is too long');
  }
  return new URLSearchParams(text);
};
