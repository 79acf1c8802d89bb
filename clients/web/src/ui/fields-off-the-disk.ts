import { options } from 'preact';

const FIELDS: ReadonlySet<unknown> = new Set(['input', 'textarea', 'select']);

/**
 * Browsers write what stands in a field to the disk, to have it again after a crash, unless the field is
 * `autocomplete="off"` (HTML, 4.10.19.7). Here it is about somebody's health: every field that is made from now on is.
 */
export const keepFieldsOffTheDisk = (): void => {
  const before = options.vnode;
  options.vnode = (vnode) => {
    if (FIELDS.has(vnode.type)) Object.assign(vnode.props, { autocomplete: 'off' });
    before?.(vnode);
  };
};
