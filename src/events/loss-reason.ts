/** What readers are told when a writer lost events: it could not reach the stream, had too many, or died. */
export const LOSS_REASON = "Events were lost before they could be told.";
