import type { AccessReview } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { signAccessReview } from '../../api/rights-api.ts';
import { useAct } from '../../hooks/use-act.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { FormEnd } from '../../ui/form-end.tsx';
import '../../ui/rows.css';

const REMARK_MAX = 2_000;

const sha256Of = async (file: Blob): Promise<string> => {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()));
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
};

/** A signature holds for the file that was read: whoever signs gives it, and it never leaves their computer. */
export const SignReviewDialog = (props: {
  review: AccessReview;
  onClose: () => void;
  onDone: () => void;
}): JSX.Element => {
  const { id, sha256 } = props.review;
  const [file, setFile] = useState<{ readonly isTheOne: boolean }>();
  const [remark, setRemark] = useState('');
  const act = useAct();
  const words = remark.trim();
  return (
    <Dialog title="Sign the review" wide onClose={props.onClose}>
      <form
        class="rule-form"
        data-testid="review-form"
        onSubmit={(event) => {
          event.preventDefault();
          void act.run(
            { sha256, ...(words && { remark: words }) },
            (signature, how) => signAccessReview(id, signature, how),
            props.onDone,
          );
        }}
      >
        <Field
          label="The file that you have read"
          hint="The one that ends in .json. It stays on your computer; only its fingerprint is compared."
          error={file?.isTheOne === false ? 'This is another file, or it was changed after it was made.' : undefined}
        >
          <input
            type="file"
            class="input"
            required
            accept=".json,application/json"
            data-testid="review-file"
            onChange={({ currentTarget: { files } }) => {
              const chosen = files?.[0];
              setFile(undefined);
              if (chosen) void sha256Of(chosen).then((hash) => setFile({ isTheOne: hash === sha256 }));
            }}
          />
        </Field>
        <Field label="What came of it (optional)" hint="Accounts that were closed, for example. It cannot be changed.">
          <textarea
            class="input"
            rows={3}
            maxLength={REMARK_MAX}
            value={remark}
            data-testid="review-remark"
            onInput={(event) => setRemark(event.currentTarget.value)}
          />
        </Field>
        <FormEnd
          problem={act.error?.message}
          send="Sign it"
          sending="Signing…"
          busy={act.busy}
          isReady={file?.isTheOne === true}
          testId="review-sign-it"
          onClose={props.onClose}
        />
      </form>
    </Dialog>
  );
};
