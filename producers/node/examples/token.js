import { mintToken } from "@presently/publisher";

const rights = { "article.*": "edit", "site.*": "read" }; // read < send < edit
console.log(mintToken(process.env.JWT_KEY, { user: "fry", name: "Philip J. Fry", rights, ttl: 3600 }));
