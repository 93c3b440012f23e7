// A static file server on loopback, as plain as any host that the site may end up on.

import { createServer } from "node:http";
import { readFile, stat } from "node:fs/promises";
import { extname, join, normalize, sep } from "node:path";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".wasm": "application/wasm",
  ".bin": "application/octet-stream",
};

/**
 * Serves a folder below a path, such as `/` or `/some/where/`, on a port of its own, which makes
 * an origin of its own. `pages` are further documents by path, for tests that bring their own.
 */
export async function serve(folder, { under = "/", pages = {} } = {}) {
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://localhost").pathname);
    try {
      const [type, body] = path in pages ? [TYPES[".html"], pages[path]] : await find(folder, under, path);
      response.writeHead(200, { "content-type": type, "cache-control": "no-store" }).end(body);
    } catch {
      response.writeHead(404, { "content-type": "text/plain" }).end("There is no such file.");
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${server.address().port}`;
  const close = () => new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); });
  return { origin, url: origin + under, close };
}

async function find(folder, under, path) {
  if (!path.startsWith(under)) throw new Error("outside");
  let file = normalize(join(folder, path.slice(under.length)));
  if (file !== folder && !file.startsWith(folder + sep)) throw new Error("outside");
  if ((await stat(file)).isDirectory()) file = join(file, "index.html");
  return [TYPES[extname(file)] ?? "application/octet-stream", await readFile(file)];
}
