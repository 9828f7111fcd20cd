// A CSV file that is dropped or chosen: it is read here, in the browser, and shown before anything is sent.

import { startFiles } from "./files.js";
import { UnreadableFile } from "./try_csv.js";

// A service takes bodies of at most `maxBytes`; the text of a file may be longer than the frame made of it.
const TEXT_PER_BODY = 2;

// `onRead` gets what `read` makes of the text of a file, and its name; `onFault` the words for one that cannot be read.
export function startDrop(zone, { maxBytes, read, onRead, onFault }) {
  const take = async (file) => {
    if (file.size > TEXT_PER_BODY * maxBytes) {
      onFault(`${file.name} has ${file.size} bytes; this service takes ${maxBytes} in one request. Drop fewer rows.`);
      return;
    }
    let found;
    try {
      found = read(await file.text());
    } catch (fault) {
      if (!(fault instanceof UnreadableFile || fault instanceof DOMException)) throw fault; // the latter: from the browser
      onFault(`${file.name} cannot be read. ${fault.message}`);
      return;
    }
    onRead(found, file.name);
  };
  startFiles(zone, ([file]) => file && take(file));
}
