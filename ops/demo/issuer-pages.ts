export interface IssuerPerson {
  readonly subject: string;
  readonly displayName: string;
  /** What they are, in the words of the page: `Patient`, `Cardiology`. */
  readonly role: string;
  readonly group: string;
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');

export const STYLE = `
:root { color-scheme: light dark; --ground: #f7f5f0; --card: #fff; --text: #17211f; --soft: #55605d; --line: #ddd8cc; --accent: #0d5f54; --note: #fff4d6; --note-text: #5c4300; }
@media (prefers-color-scheme: dark) { :root { --ground: #101716; --card: #182120; --text: #edf2f0; --soft: #a5b3af; --line: #2b3735; --accent: #74d3bf; --note: #33290c; --note-text: #f5dd9c; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 46rem; margin: 0 auto; padding: clamp(1.25rem, 5vw, 3.5rem) 1rem 3rem; }
h1 { margin: 0 0 1rem; font-size: clamp(1.6rem, 5vw, 2.1rem); line-height: 1.2; letter-spacing: -.01em; }
h2 { margin: 2rem 0 .75rem; font-size: 1rem; color: var(--soft); font-weight: 600; }
p { margin: 0 0 1rem; max-width: 38rem; }
.note { max-width: none; padding: .75rem 1rem; border-radius: .75rem; background: var(--note); color: var(--note-text); }
ul { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); gap: .75rem; margin: 0; padding: 0; list-style: none; }
button { display: flex; align-items: center; gap: .9rem; width: 100%; min-height: 4.5rem; padding: .75rem 1rem; border: 1px solid var(--line); border-radius: 1rem; background: var(--card); color: inherit; font: inherit; text-align: left; cursor: pointer; }
button:hover { border-color: var(--accent); }
button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.initials { flex: none; display: grid; place-items: center; width: 2.75rem; height: 2.75rem; border-radius: 50%; background: var(--accent); color: var(--card); font-weight: 650; }
.name { display: block; font-weight: 600; }
.role { display: block; color: var(--soft); font-size: .95rem; }
`;

/** Sends the only form of a page that nobody needs to read. */
export const SUBMIT_SCRIPT = 'document.forms[0].requestSubmit(document.querySelector("button"));\n';

export const page = (options: {
  title: string;
  body: string;
  prefix: string;
  script?: boolean;
}): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(options.title)}</title>
<link rel="stylesheet" href="${options.prefix}/style.css">
${options.script === true ? `<script src="${options.prefix}/submit.js" defer></script>` : ''}
</head>
<body>
<main>
${options.body}
</main>
</body>
</html>
`;

const initials = (name: string): string =>
  name
    .replace(/^Dr\.? /, '')
    .replace(/,.*$/, '')
    .split(/\s+/)
    .map((word) => word.slice(0, 1))
    .slice(0, 2)
    .join('');

const button = (
  person: IssuerPerson,
): string => `<li><button type="submit" name="subject" value="${escapeHtml(person.subject)}">
<span class="initials" aria-hidden="true">${escapeHtml(initials(person.displayName))}</span>
<span><span class="name">${escapeHtml(person.displayName)}</span> <span class="role">${escapeHtml(person.role)}</span></span>
</button></li>`;

/** Everybody of the demo, by group, as buttons of one form that posts to this page's own address. */
export const choosePage = (options: { people: readonly IssuerPerson[]; prefix: string }): string => {
  const groups = Map.groupBy(options.people, (person) => person.group);
  const lists = [...groups].map(
    ([group, people]) => `<h2>${escapeHtml(group)}</h2>\n<ul>\n${people.map(button).join('\n')}\n</ul>`,
  );
  return page({
    title: 'Choose a demo person – Bedside',
    prefix: options.prefix,
    body: `<h1>Who would you like to be?</h1>
<p class="note"><strong>This is a demo.</strong> Anybody who reaches this page can be any of these made-up people, without a password. Enter nothing about a real patient.</p>
<form method="post">
${lists.join('\n')}
</form>`,
  });
};

export const sentencePage = (options: { title: string; sentence: string; prefix: string }): string =>
  page({
    title: `${options.title} – Bedside`,
    prefix: options.prefix,
    body: `<h1>${escapeHtml(options.title)}</h1>\n<p>${escapeHtml(options.sentence)}</p>\n<p><a href="/">Back to Bedside</a></p>`,
  });

/** Signing out needs no question; the button is for browsers without scripts. */
export const signOutPage = (options: { form: string; prefix: string }): string =>
  page({
    title: 'Signing out – Bedside',
    prefix: options.prefix,
    script: true,
    body: `<h1>Signing out…</h1>\n${options.form}\n<p><button type="submit" form="op.logoutForm" name="logout" value="yes">Sign out</button></p>`,
  });
