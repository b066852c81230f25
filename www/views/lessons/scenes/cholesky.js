export const create = () => {
  throw new Error("none");
};
