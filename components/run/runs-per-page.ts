export const RUNS_PER_PAGE = 50;
