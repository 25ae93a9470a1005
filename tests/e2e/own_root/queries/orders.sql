SELECT day, SUM(amount) AS amount FROM sales.orders WHERE day >= :since GROUP BY day ORDER BY day
