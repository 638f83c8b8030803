import { type FormEvent, type ReactElement, useId } from "react";

interface TokenFormProps {
  /** Whether the server has refused a token already. */
  readonly wasRefused: boolean;
  readonly onToken: (token: string) => void;
}

/** A form for the server's token: without it the server does not even return its schema. */
export function TokenForm({ wasRefused, onToken }: TokenFormProps): ReactElement {
  const id = useId();
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const token = new FormData(event.currentTarget).get("token");
    if (typeof token === "string" && token.trim() !== "") onToken(token.trim());
  };
  return (
    <form className="notice token-form" onSubmit={submit}>
      <label htmlFor={id}>This server requires its token (LOVAGE_TOKEN).</label>
      <p>
        The page sends it with every request and does not store it. Your own programs send the header{" "}
        <code>Authorization: Bearer &lt;token&gt;</code>.
      </p>
      {wasRefused && <p role="alert">The server refused this token.</p>}
      <div>
        <input id={id} name="token" type="password" autoComplete="off" autoFocus required />
        <button type="submit">Open</button>
      </div>
    </form>
  );
}
