// Labels in ZPL on stdin, what another interpreter makes of them on stdout.
// In: [{"zpl": "…", "width": dots, "height": dots, "dpmm": 8 | 12 | 24}, …]. Out: [PNG in base64, …].
import { text } from "node:stream/consumers";
import { ready } from "zpl-renderer-js";

const { api } = await ready;
const drawn = [];
for (const { zpl, width, height, dpmm } of JSON.parse(await text(process.stdin))) {
  drawn.push(await api.zplToBase64Async(zpl, width / dpmm, height / dpmm, dpmm));
}
process.stdout.write(JSON.stringify(drawn), () => process.exit());
