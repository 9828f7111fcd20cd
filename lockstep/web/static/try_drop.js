// A CSV file that is dropped or chosen: it is read here, in the browser, and shown before anything is sent.

import { startFiles } from "./files.js";
import { readCsv, UnreadableFile } from "./try_csv.js";

// A service takes bodies of at most `maxBytes`; the text of a file may be longer than the frame made of it.
const TEXT_PER_BODY = 2;

// `onFrame` gets the frame and the name of a file, `onFault` the words for a file that cannot be read.
export function startDrop(zone, { maxBytes, onFrame, onFault }) {
  const read = async (file) => {
    if (file.size > TEXT_PER_BODY * maxBytes) {
      onFault(`${file.name} has ${file.size} bytes; this service takes ${maxBytes} in one request. Drop fewer rows.`);
      return;
    }
    let frame;
    try {
      frame = readCsv(await file.text());
    } catch (fault) {
      if (!(fault instanceof UnreadableFile || fault instanceof DOMException)) throw fault; // the latter: from the browser
      onFault(`${file.name} cannot be read. ${fault.message}`);
      return;
    }
    onFrame(frame, file.name);
  };
  startFiles(zone, ([file]) => file && read(file));
}
