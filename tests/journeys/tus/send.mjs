// Sends a file over tus and says on its standard output what happens, one JSON object a line.
// Arguments: endpoint, token, file, and either "" or the address to go on at. With ABORT_AT it gives up there.
import { readFileSync } from "node:fs";
import * as tus from "tus-js-client";

const [endpoint, token, path, uploadUrl] = process.argv.slice(2);
const abortAt = Number(process.env.ABORT_AT ?? Infinity);
const say = (what) => process.stdout.write(JSON.stringify(what) + "\n");

const upload = new tus.Upload(readFileSync(path), {
  endpoint,
  uploadUrl: uploadUrl || undefined,
  chunkSize: Number(process.env.CHUNK ?? Infinity),
  retryDelays: Array(60).fill(250),
  headers: { Authorization: `Bearer ${token}` },
  metadata: { filename: "film.mp4", filetype: "video/mp4", description: "Sent by tus-js-client" },
  onUploadUrlAvailable: () => say({ url: upload.url }),
  onShouldRetry: (error, attempt) => {
    say({ retry: attempt, status: error.originalResponse?.getStatus() ?? 0 });
    return true;
  },
  onProgress: (sent, total) => {
    say({ sent, total });
    if (sent >= abortAt) {
      upload.abort().then(() => {
        say({ aborted: upload.url });
        process.exit(0);
      });
    }
  },
  onError: (error) => {
    say({ error: String(error), body: error.originalResponse?.getBody() ?? "" });
    process.exit(1);
  },
  onSuccess: ({ lastResponse }) => {
    say({ done: upload.url, media: lastResponse.getHeader("Upscrolled-Media-Id") });
  },
});
upload.start();
