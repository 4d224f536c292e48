/** A span of bytes, both ends included. */
export interface Span {
  start: number;
  end: number;
}

/**
 * The span a Range header asks of `bytes` bytes: undefined when the header asks for the whole (there is none, or it is
 * one HTTP tells a server to ignore), "unsatisfiable" when it starts past the end.
 */
export const parseRange = (header: string | undefined, bytes: number): Span | "unsatisfiable" | undefined => {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (first === "" && last === "") return undefined;
  if (first === "") {
    const suffix = Number(last);
    return suffix === 0 || bytes === 0 ? "unsatisfiable" : { start: Math.max(0, bytes - suffix), end: bytes - 1 };
  }
  const start = Number(first);
  if (last !== "" && Number(last) < start) return undefined;
  if (start >= bytes) return "unsatisfiable";
  return { start, end: last === "" ? bytes - 1 : Math.min(Number(last), bytes - 1) };
};

/** A file holding some of an object's bytes. An object is the concatenation of its pieces. */
export interface Piece {
  file: string;
  bytes: number;
}

/** Which bytes of which pieces make up a span of the object. */
export const spansOf = (pieces: readonly Piece[], span: Span): (Span & { file: string })[] => {
  const spans: (Span & { file: string })[] = [];
  let offset = 0;
  for (const { file, bytes } of pieces) {
    const start = Math.max(span.start - offset, 0);
    const end = Math.min(span.end - offset, bytes - 1);
    if (start <= end) spans.push({ file, start, end });
    offset += bytes;
  }
  return spans;
};
