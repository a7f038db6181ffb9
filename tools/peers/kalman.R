# kalman.R MODEL.csv DATA.csv - the same filter and smoother as a plain loop in base R, on the first series. MODEL.csv is
# what run.sh writes: one number a line, n, m, then drift, diffusion, loading, offset, error, mean, initial mean,
# initial covariance by rows. Phi and Q are worked out beforehand and not counted. Prints as kalman.py does.
args <- commandArgs(TRUE)
v <- scan(args[1], quiet = TRUE); at <- 0
take <- function(k) { x <- v[at + seq_len(k)]; at <<- at + k; x }
n <- take(1); m <- take(1)
square <- function(r, c) matrix(take(r * c), r, c, byrow = TRUE)
A <- square(n, n); G <- square(n, n); Z <- square(m, n); offset <- take(m); R <- take(m); mu <- take(n)
x0 <- take(n) - mu; P0 <- square(n, n)
d <- read.csv(args[2]); if (names(d)[1] == "id") d <- d[d$id == d$id[1], -1]
t <- d$t; y <- sweep(as.matrix(d[, -1]), 2, offset + as.vector(Z %*% mu)); rows <- length(t)

series <- function(M, h) { # exp(M h) of a small matrix
    E <- diag(nrow(M)); term <- E
    for (k in 1:24) { term <- term %*% M * (h / k); E <- E + term }
    E
}
steps <- function(dt) { # Van Loan over a short gap, doubled
    k <- max(0, ceiling(log2(max(dt * max(rowSums(abs(A))), 1e-9)))); h <- dt / 2^k
    E <- series(rbind(cbind(-A, G), cbind(matrix(0, n, n), t(A))), h)
    F <- t(E[n + 1:n, n + 1:n]); Q <- F %*% E[1:n, n + 1:n]
    while (k > 0) { Q <- F %*% Q %*% t(F) + Q; F <- F %*% F; k <- k - 1 }
    list(F = F, Q = (Q + t(Q)) / 2)
}
t <- as.numeric(t)
gap <- lapply(diff(t), steps)

filter <- function() {
    x <- x0; P <- P0; ll <- 0; out <- vector("list", rows)
    for (i in seq_len(rows)) {
        if (i > 1) { F <- gap[[i - 1]]$F; x <- F %*% x; P <- F %*% P %*% t(F) + gap[[i - 1]]$Q }
        px <- x; pP <- P; o <- which(!is.na(y[i, ]))
        if (length(o)) {
            H <- Z[o, , drop = FALSE]; S <- H %*% P %*% t(H) + diag(R[o], length(o)); C <- chol(S)
            e <- y[i, o] - H %*% x; K <- P %*% t(H) %*% chol2inv(C)
            w <- backsolve(C, e, transpose = TRUE)
            ll <- ll - .5 * (length(o) * log(2 * pi) + sum(w^2)) - sum(log(diag(C)))
            x <- x + K %*% e; P <- P - K %*% H %*% P
        }
        out[[i]] <- list(px = px, pP = pP, x = x, P = P)
    }
    list(ll = ll, out = out)
}
smooth <- function(f) {
    s <- f[[rows]]$x; V <- f[[rows]]$P; out <- vector("list", rows); out[[rows]] <- list(s, V)
    for (i in (rows - 1):1) {
        J <- f[[i]]$P %*% t(gap[[i]]$F) %*% chol2inv(chol(f[[i + 1]]$pP))
        s <- f[[i]]$x + J %*% (s - f[[i + 1]]$px); V <- f[[i]]$P + J %*% (V - f[[i + 1]]$pP) %*% t(J)
        out[[i]] <- list(s, V)
    }
    out
}
clock <- function() sum(proc.time()[1:2])
f <- filter(); a <- clock(); for (k in 1:5) f <- filter(); there <- (clock() - a) / 5
a <- clock(); for (k in 1:5) s <- smooth(f$out); back <- (clock() - a) / 5
cat(sprintf("loglik %.6g\nsmooth-covariances %.6g\nvalue %.10g\n", there / rows * 1e9, (there + back) / rows * 1e9, f$ll))
