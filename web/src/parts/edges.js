// A shadow at the edges of what scrolls, where there is more.

/**
 * @param {HTMLElement} scroller
 * @param {HTMLElement} frame gets `data-more`: words of top, right, bottom, left
 */
export function showEdges(scroller, frame) {
  const look = () => {
    const { scrollTop: top, scrollLeft: left, clientHeight, clientWidth, scrollHeight, scrollWidth } = scroller;
    const more = [
      top > 1 && "top",
      left + clientWidth < scrollWidth - 1 && "right",
      top + clientHeight < scrollHeight - 1 && "bottom",
      left > 1 && "left",
    ];
    frame.dataset.more = more.filter(Boolean).join(" ");
  };
  scroller.addEventListener("scroll", look, { passive: true });
  const observer = new ResizeObserver(look);
  observer.observe(scroller);
  for (const child of scroller.children) observer.observe(child);
}
